import { useEffect, useRef, useState } from 'react'
import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { TextField, Trouble } from '../../widgets/controls/field.tsx'
import { useApp } from '../context.ts'
import { DoorPage } from './door-page.tsx'
import css from './signin.module.css'

const setupSchema = z.object({ needed: z.boolean() })

/** Signed out: the way in. */
export function SignIn({ ended }: { ended: boolean }) {
  const { session, api } = useApp()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ErrorBody | null>(null)
  const [setupNeeded, setSetupNeeded] = useState(false)
  const field = useRef<HTMLInputElement>(null)

  useEffect(() => {
    field.current?.focus()
    void api.ask('GET', '/api/setup', setupSchema).then((answer) => setSetupNeeded(answer.ok && answer.value.needed))
  }, [api])

  async function signIn(): Promise<void> {
    setBusy(true)
    setError(null)
    const answer = await session.signIn(email.trim(), password)
    setBusy(false)
    if (!answer.ok) setError(answer.error)
  }

  return (
    <DoorPage
      title="Sign in"
      lead={
        ended ? 'Your session has ended. What you had typed is kept until this page is closed.' : 'The operations room.'
      }
    >
      {setupNeeded ? (
        <Trouble>
          <p>
            <b>Nobody can administer this place yet.</b> The server printed a one-time link for the first administrator
            when it started. Open that link; a restart of the server prints a new one.
          </p>
        </Trouble>
      ) : (
        <form
          className={css.form}
          onSubmit={(event) => {
            event.preventDefault()
            void signIn()
          }}
        >
          <TextField
            ref={field}
            label="E-mail"
            type="email"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
          <TextField
            label="Password"
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
          {error !== null && <Trouble>{error.message}</Trouble>}
          <Button type="submit" kind="main" disabled={busy}>
            {busy ? 'Signing in…' : 'Sign in'}
          </Button>
          <p className="dimmer">No account, or the password is lost? An administrator makes a link for you.</p>
        </form>
      )}
    </DoorPage>
  )
}
