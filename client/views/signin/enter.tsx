import { type FormEvent, useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import { meSchema } from '#shared/wire.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { TextField, Trouble } from '../../widgets/controls/field.tsx'
import { Loading } from '../conditions/conditions.tsx'
import { useApp } from '../context.ts'
import { DoorPage } from './door-page.tsx'
import css from './signin.module.css'

const lookSchema = z.object({
  purpose: z.enum(['invitation', 'reset']),
  name: z.string(),
  email: z.string(),
  expiresAt: z.string(),
})
type Look = z.output<typeof lookSchema>

/** The token of a one-time link stands after the #, where no log sees it. */
function tokenHere(): string {
  return location.hash.slice(1)
}

/** One-time links: the first administrator, an invitation, a new password. */
export function Enter({ purpose }: { purpose: 'setup' | 'invitation' }) {
  const [token] = useState(tokenHere)
  if (token === '')
    return (
      <DoorPage
        title="This link is not whole"
        lead="The part after # is missing. Copy the whole link, to its last character."
      >
        <p>
          <a href="/">To the sign-in</a>
        </p>
      </DoorPage>
    )
  return purpose === 'setup' ? <Setup token={token} /> : <Invitation token={token} />
}

function useEnter(path: string) {
  const { api, session } = useApp()
  const [, go] = useLocation()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ErrorBody | null>(null)
  const enter = (body: unknown, then: string) => async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    const answer = await api.ask('POST', path, meSchema, body)
    setBusy(false)
    if (!answer.ok) return setError(answer.error)
    session.entered(answer.value)
    go(then, { replace: true })
  }
  return { busy, error, enter }
}

function Setup({ token }: { token: string }) {
  const [form, setForm] = useState({ name: '', email: '', password: '' })
  const { busy, error, enter } = useEnter('/api/setup')
  const set = (part: Partial<typeof form>) => setForm({ ...form, ...part })
  return (
    <DoorPage
      title="The first administrator"
      lead="You set up the sources and invite the others. You also command until somebody else does."
    >
      <form className={css.form} onSubmit={(event) => void enter({ token, ...form }, '/sources')(event)}>
        <TextField
          label="Your name, as the board shows it"
          autoComplete="name"
          required
          maxLength={80}
          value={form.name}
          onChange={(event) => set({ name: event.target.value })}
        />
        <TextField
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          value={form.email}
          onChange={(event) => set({ email: event.target.value })}
        />
        <NewPassword value={form.password} onChange={(password) => set({ password })} />
        {error !== null && <Trouble>{error.message}</Trouble>}
        <Button type="submit" kind="main" disabled={busy}>
          {busy ? 'Setting up…' : 'Set up and sign in'}
        </Button>
      </form>
    </DoorPage>
  )
}

function Invitation({ token }: { token: string }) {
  const { api } = useApp()
  const [look, setLook] = useState<Look | null>(null)
  const [spent, setSpent] = useState<ErrorBody | null>(null)
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const { busy, error, enter } = useEnter('/api/invitations/accept')
  useEffect(() => {
    void api.ask('POST', '/api/invitations/look', lookSchema, { token }).then((answer) => {
      if (!answer.ok) return setSpent(answer.error)
      setLook(answer.value)
      setName(answer.value.name)
    })
  }, [api, token])
  if (spent !== null)
    return (
      <DoorPage title="This link no longer works" lead={spent.message}>
        <p>
          <a href="/">To the sign-in</a>
        </p>
      </DoorPage>
    )
  if (look === null) return <Loading what="the invitation" />
  const reset = look.purpose === 'reset'
  return (
    <DoorPage
      title={reset ? 'A new password' : `Welcome, ${look.name}`}
      lead={reset ? `For ${look.email}. Your other sessions end.` : `You join as ${look.email}.`}
    >
      <form
        className={css.form}
        onSubmit={(event) =>
          void enter(reset ? { token, password } : { token, name: name.trim(), password }, '/')(event)
        }
      >
        <input type="email" autoComplete="username" value={look.email} readOnly hidden />
        {!reset && (
          <TextField
            label="Your name, as the board shows it"
            autoComplete="name"
            required
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
        <NewPassword value={password} onChange={setPassword} />
        {error !== null && <Trouble>{error.message}</Trouble>}
        <Button type="submit" kind="main" disabled={busy}>
          {reset ? 'Set it and sign in' : 'Join'}
        </Button>
      </form>
    </DoorPage>
  )
}

function NewPassword({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <TextField
      label="Password"
      type="password"
      autoComplete="new-password"
      required
      minLength={12}
      hint="12 characters or more. A few words in a row are easy to remember and hard to guess."
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}
