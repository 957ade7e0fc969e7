import { Suspense, useState } from 'react'
import { useLocation } from 'wouter'
import { useStore } from 'zustand'
import { readTheme, setTheme, type ThemeChoice } from '../../theme/theme.ts'
import type { MenuEntry } from '../../widgets/controls/menu.tsx'
import { later } from '../../widgets/later.ts'
import { Key } from '../../widgets/marks/marks.tsx'
import { useApp, useMe } from '../context.ts'
import css from './frame.module.css'

export const Menu = later(() => import('../../widgets/controls/menu.tsx').then(({ Menu }) => Menu))

const nextTheme: Readonly<Record<ThemeChoice, ThemeChoice>> = { dark: 'light', light: 'system', system: 'dark' }

/** Who I am, the other screens, the keys, and the way out. */
export function AccountMenu() {
  const { act, session, announcer, device } = useApp()
  const me = useMe()
  const unsent = useStore(device.store, ({ items }) => items.filter(({ state }) => state !== 'answered').length)
  const [, go] = useLocation()
  const [theme, keepTheme] = useState(readTheme)
  // Its code is a quarter of the board's, so it is fetched when a hand comes near, and opened by the press that wanted it.
  const [wanted, setWanted] = useState(false)
  const may = (action: (typeof me.actions)[number]) => me.actions.includes(action)
  const entries: MenuEntry[] = [
    { key: 'board', label: 'Operations room', run: () => go('/') },
    ...(may('incident.respond') ? [{ key: 'mine', label: 'Mine', run: () => go('/mine') }] : []),
    // A wall follows another room, so it is a page of its own.
    { key: 'wall', label: 'Wall', run: () => location.assign('/wall') },
    ...(may('ledger.read') ? [{ key: 'filter', label: 'Filter room', run: () => go('/filter') }] : []),
    ...(may('ledger.read') ? [{ key: 'load', label: 'Alarm load', run: () => go('/filter/load') }] : []),
    ...(may('picture.read') ? [{ key: 'tote', label: 'Tote', run: () => go('/tote') }] : []),
    ...(may('picture.read') ? [{ key: 'services', label: 'Services', run: () => go('/services') }] : []),
    ...(may('rota.read') ? [{ key: 'rota', label: 'Rota', run: () => go('/rota') }] : []),
    ...(may('silence.read') ? [{ key: 'silences', label: 'Silences', run: () => go('/silences') }] : []),
    ...(may('report.make') ? [{ key: 'report', label: 'Report', run: () => go('/report') }] : []),
    ...(may('source.read') ? [{ key: 'sources', label: 'Sources', run: () => go('/sources') }] : []),
    ...(may('channel.read') ? [{ key: 'channels', label: 'Channels', run: () => go('/channels') }] : []),
    ...(may('lost.read') ? [{ key: 'lost', label: 'Lost property', run: () => go('/lost') }] : []),
    ...(may('person.manage') ? [{ key: 'people', label: 'People', run: () => go('/people') }] : []),
    ...(may('incident.declare')
      ? [{ key: 'declare', label: 'Declare an incident', shortcut: 'd', run: () => act.begin('declare', null) }]
      : []),
    { key: 'notifications', label: 'How I am told', run: () => go('/notifications') },
    { key: 'palette', label: 'Find anything', shortcut: 'Ctrl K', run: () => act.store.setState({ palette: true }) },
    { key: 'help', label: 'Keys', shortcut: '?', run: () => act.store.setState({ help: true }) },
    {
      key: 'theme',
      label: `Theme: ${theme}`,
      run: () => {
        setTheme(nextTheme[theme])
        keepTheme(nextTheme[theme])
      },
    },
    {
      key: 'out',
      label: unsent === 0 ? 'Sign out' : `Sign out (drops ${unsent} that wait)`,
      run: () =>
        void session.signOut().then((answer) => {
          // A fresh page: whoever signs in next sees nothing of this person's picture, drafts or messages.
          if (answer.ok) location.assign('/')
          else announcer.say({ tone: 'refused', text: answer.error.message, incidentId: null, offers: [] })
        }),
    },
  ]
  const trigger = (
    <button
      type="button"
      className={css.account}
      aria-haspopup="menu"
      onPointerEnter={() => Menu.prefetch()}
      onClick={() => setWanted(true)}
    >
      <span className={css.meName}>{me.name}</span>
      <Key>?</Key> <Key>Ctrl K</Key>
      <svg className={css.bars} width="18" height="14" viewBox="0 0 18 14" aria-hidden="true">
        <path d="M0 1h18M0 7h18M0 13h18" stroke="currentColor" strokeWidth="2" />
      </svg>
      <span className="unseen">, menu</span>
    </button>
  )
  if (!wanted) return trigger
  return (
    <Suspense fallback={trigger}>
      <Menu
        defaultOpen
        trigger={trigger}
        lead={
          <>
            <b>{me.name}</b>
            <div className="dim">{me.roles.join(', ')}</div>
          </>
        }
        entries={entries}
      />
    </Suspense>
  )
}
