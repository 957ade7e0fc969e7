import { useCallback, useEffect, useRef, useState } from 'react'
import { z } from 'zod'
import { type PersonRole, personRoles } from '#shared/access.ts'
import type { ErrorBody } from '#shared/errors.ts'
import { type PersonView, personViewSchema } from '#shared/wire.ts'
import { nothing } from '../../link/api.ts'
import { ActForm } from '../../widgets/controls/act-form.tsx'
import { Button } from '../../widgets/controls/button.tsx'
import { CopyBlock } from '../../widgets/controls/copy.tsx'
import { Buttons, Dialog } from '../../widgets/controls/dialog.tsx'
import { TextField, Trouble } from '../../widgets/controls/field.tsx'
import { Menu } from '../../widgets/controls/menu.tsx'
import { Loading, Refused } from '../conditions/conditions.tsx'
import { useApp, useMe } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import css from './people.module.css'

const listSchema = z.object({ people: z.array(personViewSchema) })
const linkSchema = z.object({ url: z.string(), expiresAt: z.string() })
const invitedSchema = z.object({ person: personViewSchema, link: linkSchema })
type FreshLink = z.output<typeof linkSchema>

/** What each role is for, in a few words. */
const roleWords: Readonly<Record<PersonRole, string>> = {
  viewer: 'sees the board and its incidents',
  reporter: 'sees, and declares incidents',
  responder: 'claims, owns, hands off',
  communications: 'writes updates',
  commander: 'classifies, allots, takes over',
  privacy: 'reads the audit',
  auditor: 'reads the audit and the policy',
  administrator: 'manages sources and people',
}

type Doing =
  | { kind: 'invite' }
  | { kind: 'roles'; person: PersonView }
  | { kind: 'link'; person: PersonView; link: FreshLink; first: boolean }

/** Who may come in, and what they may do here. */
export function People() {
  const { api, announcer } = useApp()
  const me = useMe()
  const mayManage = me.actions.includes('person.manage')
  const [people, setPeople] = useState<readonly PersonView[] | null>(null)
  const [error, setError] = useState<ErrorBody | null>(null)
  const [doing, setDoing] = useState<Doing | null>(null)

  const load = useCallback(async () => {
    const answer = await api.ask('GET', '/api/people', listSchema)
    if (answer.ok) setPeople(answer.value.people)
    else setError(answer.error)
  }, [api])
  useEffect(() => {
    document.title = 'People · Uxbridge'
    void load()
  }, [load])

  const say = (refused: ErrorBody) =>
    announcer.say({ tone: 'refused', text: refused.message, incidentId: null, offers: [] })
  async function change(
    person: PersonView,
    what: { disabled?: boolean; roles?: PersonRole[] },
  ): Promise<ErrorBody | null> {
    const answer = await api.ask('PATCH', `/api/people/${person.id}`, personViewSchema, what)
    await load()
    return answer.ok ? null : answer.error
  }
  async function newLink(person: PersonView): Promise<void> {
    const answer = await api.ask('POST', `/api/people/${person.id}/link`, linkSchema, {})
    if (answer.ok) setDoing({ kind: 'link', person, link: answer.value, first: person.invited })
    else say(answer.error)
  }

  async function endSessions(person: PersonView): Promise<void> {
    const answer = await api.ask('POST', `/api/people/${person.id}/end-sessions`, nothing, {})
    if (!answer.ok) return say(answer.error)
    const text = `${person.name} is signed out everywhere; links in messages that acted for them do nothing any more.`
    announcer.say({ tone: 'done', text, incidentId: null, offers: [] })
  }

  return (
    <div className={frame.page}>
      <Strip room="People" />
      <div />
      <main className={css.page}>
        {error !== null && people === null ? (
          <Refused error={error} />
        ) : people === null ? (
          <Loading what="people" />
        ) : (
          <>
            <div className={css.head}>
              <p className="dim">
                {people.length === 1
                  ? 'You are alone here. An incident is handed from one person to another: invite a responder and a commander.'
                  : `${people.length} people`}
              </p>
              {mayManage && (
                <Button kind="main" onClick={() => setDoing({ kind: 'invite' })}>
                  Invite somebody
                </Button>
              )}
            </div>
            <table className={css.table}>
              <thead>
                <tr>
                  <th>Name</th>
                  {mayManage && <th>E-mail</th>}
                  <th>Roles</th>
                  <th>State</th>
                  <th title="A policy file names people by it">Id</th>
                  {mayManage && (
                    <th>
                      <span className="unseen">To do</span>
                    </th>
                  )}
                </tr>
              </thead>
              <tbody>
                {people.map((person) => (
                  <tr key={person.id} className={person.disabled ? css.disabled : undefined}>
                    <th scope="row">
                      {person.name}
                      {person.id === me.id && <span className="dim"> (you)</span>}
                    </th>
                    {mayManage && <td>{person.email ?? '–'}</td>}
                    <td>{person.roles.join(', ')}</td>
                    <td>
                      {person.disabled ? 'disabled' : person.invited ? <span className="soon">invited</span> : 'active'}
                    </td>
                    <td className="mono dim">{person.id}</td>
                    {mayManage && (
                      <td>
                        <Menu
                          trigger={<Button aria-label={`Manage ${person.name}`}>Manage</Button>}
                          entries={[
                            { key: 'roles', label: 'Change roles', run: () => setDoing({ kind: 'roles', person }) },
                            {
                              key: 'link',
                              label: person.invited ? 'New invitation link' : 'Link for a new password',
                              run: () => void newLink(person),
                            },
                            { key: 'end', label: 'End all sessions', run: () => void endSessions(person) },
                            {
                              key: 'disable',
                              label: person.disabled ? 'Enable' : 'Disable',
                              danger: !person.disabled,
                              run: () =>
                                void change(person, { disabled: !person.disabled }).then(
                                  (refused) => refused !== null && say(refused),
                                ),
                            },
                          ]}
                        />
                      </td>
                    )}
                  </tr>
                ))}
              </tbody>
            </table>
          </>
        )}
      </main>
      {doing?.kind === 'invite' && (
        <Invite
          onClose={() => setDoing(null)}
          onDone={(person, link) => {
            setDoing({ kind: 'link', person, link, first: true })
            void load()
          }}
        />
      )}
      {doing?.kind === 'roles' && (
        <Roles
          person={doing.person}
          onClose={() => setDoing(null)}
          onSave={(roles) => change(doing.person, { roles })}
        />
      )}
      {doing?.kind === 'link' && <ShowLink {...doing} onClose={() => setDoing(null)} />}
    </div>
  )
}

function RoleChoice({ roles, onChange }: { roles: readonly PersonRole[]; onChange: (roles: PersonRole[]) => void }) {
  return (
    <fieldset className={css.roles}>
      <legend>Roles</legend>
      {personRoles.map((role) => (
        <label key={role}>
          <input
            type="checkbox"
            checked={roles.includes(role)}
            onChange={(event) =>
              onChange(event.target.checked ? [...roles, role] : roles.filter((one) => one !== role))
            }
          />
          <b>{role}</b>
          <span className="dim">{roleWords[role]}</span>
        </label>
      ))}
    </fieldset>
  )
}

function Invite({ onClose, onDone }: { onClose: () => void; onDone: (person: PersonView, link: FreshLink) => void }) {
  const { api } = useApp()
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [roles, setRoles] = useState<PersonRole[]>(['responder'])
  const field = useRef<HTMLInputElement>(null)
  async function invite(): Promise<ErrorBody | null> {
    const answer = await api.ask('POST', '/api/people', invitedSchema, {
      name: name.trim(),
      email: email.trim(),
      roles,
    })
    if (answer.ok) onDone(answer.value.person, answer.value.link)
    return answer.ok ? null : answer.error
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Invite somebody"
      lead="You get a link to pass on. It works once, for a week."
      initialFocus={field}
    >
      <ActForm button="Make the link" ready={roles.length > 0} act={invite} onCancel={onClose}>
        <TextField
          ref={field}
          label="Name, as the board shows it"
          required
          maxLength={80}
          value={name}
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label="E-mail"
          type="email"
          required
          value={email}
          autoComplete="off"
          onChange={(event) => setEmail(event.target.value)}
        />
        <RoleChoice roles={roles} onChange={setRoles} />
      </ActForm>
    </Dialog>
  )
}

function Roles({
  person,
  onClose,
  onSave,
}: {
  person: PersonView
  onClose: () => void
  onSave: (roles: PersonRole[]) => Promise<ErrorBody | null>
}) {
  const [roles, setRoles] = useState<PersonRole[]>([...person.roles])
  const [error, setError] = useState<ErrorBody | null>(null)
  return (
    <Dialog open onClose={onClose} title={`Roles of ${person.name}`} lead="They hold at once, in open pages too.">
      <RoleChoice roles={roles} onChange={setRoles} />
      {error !== null && <Trouble>{error.message}</Trouble>}
      <Buttons>
        <Button
          kind="main"
          disabled={roles.length === 0}
          onClick={() => void onSave(roles).then((refused) => (refused === null ? onClose() : setError(refused)))}
        >
          Save
        </Button>
        <Button kind="quiet" onClick={onClose}>
          Cancel
        </Button>
      </Buttons>
    </Dialog>
  )
}

function ShowLink({
  person,
  link,
  first,
  onClose,
}: {
  person: PersonView
  link: FreshLink
  first: boolean
  onClose: () => void
}) {
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={first ? `Invitation for ${person.name}` : `New password for ${person.name}`}
      lead={`Shown once. Pass it on by a way you trust; whoever opens it first becomes ${person.name}. Works until ${link.expiresAt.slice(0, 16).replace('T', ' ')} UTC.`}
    >
      <CopyBlock label="one-time link" text={link.url} />
      <Buttons>
        <Button onClick={onClose}>Done</Button>
      </Buttons>
    </Dialog>
  )
}
