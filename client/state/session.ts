import { createStore, type StoreApi } from 'zustand/vanilla'
import { type Me, meSchema } from '#shared/wire.ts'
import { type Answer, type Api, nothing } from '../link/api.ts'

export type SessionState =
  | { kind: 'unknown' }
  | { kind: 'signed-out'; ended: boolean }
  | { kind: 'signed-in'; me: Me }
  /** The server could not say who we are; the message says what to do. */
  | { kind: 'unreachable'; message: string }

export interface Session {
  store: StoreApi<SessionState>
  /** Asks the server who we are. */
  look(): Promise<void>
  signIn(email: string, password: string): Promise<Answer<Me>>
  signOut(): Promise<Answer<null>>
  /** Takes what a one-time link answered. */
  entered(me: Me): void
  /** The link was told that the session is over. */
  ended(): void
}

/** What is done about a sign-out besides telling the server. */
export interface Leaving {
  /** While the session is still good. */
  leaving(): Promise<void>
  /** Before anything else is shown. `told`: whether the server could be told. */
  left(told: boolean): Promise<void>
}

export function makeSession(api: Api, { leaving, left }: Leaving): Session {
  const store = createStore<SessionState>(() => ({ kind: 'unknown' }))
  const entered = (me: Me) => store.setState({ kind: 'signed-in', me }, true)
  return {
    store,
    entered,
    async look() {
      const answer = await api.ask('GET', '/api/session', meSchema)
      if (answer.ok) entered(answer.value)
      else if (answer.error.code === 'not-signed-in') store.setState({ kind: 'signed-out', ended: false }, true)
      else if (store.getState().kind !== 'signed-in')
        store.setState({ kind: 'unreachable', message: answer.error.message }, true)
    },
    async signIn(email, password) {
      const answer = await api.ask('POST', '/api/session', meSchema, { email, password })
      if (answer.ok) entered(answer.value)
      return answer
    },
    async signOut() {
      await leaving()
      const answer = await api.ask('DELETE', '/api/session', nothing)
      // Who leaves a device behind leaves nothing on it, whether or not there is a network.
      if (!answer.ok && answer.error.code !== 'not-ready') return answer
      await left(answer.ok)
      store.setState({ kind: 'signed-out', ended: false }, true)
      return { ok: true, value: null }
    },
    ended() {
      if (store.getState().kind === 'signed-in') store.setState({ kind: 'signed-out', ended: true }, true)
    },
  }
}

/** Me, once signed in; somebody without rights before that. */
export function meOf(state: SessionState): Me {
  return state.kind === 'signed-in' ? state.me : nobody
}
const nobody: Me = { id: '', name: '', roles: [], actions: [], teams: [] }
