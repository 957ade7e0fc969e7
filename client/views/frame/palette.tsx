import { useEffect, useMemo, useRef, useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import { useStore } from 'zustand'
import { isOpen } from '#shared/incident/state.ts'
import { actionsFor } from '../../state/actions.ts'
import { matchesText, readQuery } from '../../state/filter.ts'
import { compareRank } from '../../state/rank.ts'
import { Dialog } from '../../widgets/controls/dialog.tsx'
import { Key } from '../../widgets/marks/marks.tsx'
import { TierGlyph } from '../../widgets/marks/tier-glyph.tsx'
import { useApp, useMe } from '../context.ts'
import css from './overlays.module.css'

interface Entry {
  key: string
  group: string
  mark: React.ReactNode
  label: string
  note: string
  shortcut: string | null
  run: () => void
}

const most = 40

/** Ctrl-K: every act on the chosen incident, every incident, every screen, by a few letters. */
export function Palette() {
  const { act } = useApp()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const entries = useEntries(text)
  const list = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const close = () => act.store.setState({ palette: false })
  const place = Math.min(at, entries.length - 1)
  useEffect(() => list.current?.querySelector(`[data-place="${place}"]`)?.scrollIntoView({ block: 'nearest' }), [place])
  const run = (entry: Entry | undefined) => {
    if (entry === undefined) return
    close()
    entry.run()
  }
  return (
    <Dialog open onClose={close} title="Find anything" initialFocus={input}>
      <input
        ref={input}
        className={css.find}
        role="combobox"
        aria-expanded="true"
        aria-controls="palette"
        aria-activedescendant={entries[place] === undefined ? undefined : `palette-${place}`}
        aria-label="An incident, an act, a screen"
        placeholder="incident, act, screen"
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(entries.length - 1, place + 1))
          else if (event.key === 'ArrowUp') setAt(Math.max(0, place - 1))
          else if (event.key === 'Enter') run(entries[place])
          else return
          event.preventDefault()
        }}
      />
      <div className={css.entries} id="palette" role="listbox" aria-label="Found" ref={list}>
        {entries.length === 0 && <p className="dim">Nothing of that name.</p>}
        {entries.map((entry, index) => (
          <div key={entry.key}>
            {entries[index - 1]?.group !== entry.group && <p className="caps">{entry.group}</p>}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above moves and chooses by keyboard */}
            {/* biome-ignore lint/a11y/useFocusableInteractive: as above, by aria-activedescendant */}
            <div
              id={`palette-${index}`}
              data-place={index}
              role="option"
              aria-selected={index === place}
              className={css.entry}
              onClick={() => run(entry)}
              onPointerMove={() => setAt(index)}
            >
              {entry.mark}
              <span className={css.entryLabel}>{entry.label}</span>
              <span className="dimmer">{entry.note}</span>
              {entry.shortcut !== null && <Key>{entry.shortcut}</Key>}
            </div>
          </div>
        ))}
      </div>
    </Dialog>
  )
}

function useEntries(text: string): Entry[] {
  const { board, act, now } = useApp()
  const me = useMe()
  const [path, go] = useLocation()
  const search = useSearch()
  const incidents = useStore(board, (state) => state.incidents)
  return useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean)
    const fits = (label: string) => words.every((word) => label.toLowerCase().includes(word))
    const entries: Entry[] = []
    const chosen = path.startsWith('/incident/') ? path.slice('/incident/'.length) : readQuery(search).at
    const summary = chosen === null ? undefined : incidents.get(chosen)
    if (summary !== undefined)
      for (const action of actionsFor(summary, me)) {
        const label = `${action.label} ${summary.id}`
        if (fits(label))
          entries.push({
            key: `act/${action.type}`,
            group: `${summary.id}, chosen`,
            mark: <Dot />,
            label,
            note: '',
            shortcut: action.key,
            run: () => act.begin(action.type, summary.id),
          })
      }
    const chosenToMerge = [...act.store.getState().chosen].filter((id) => isOpen(incidents.get(id)?.phase ?? 'closed'))
    if (chosenToMerge.length > 1 && fits('Merge the chosen incidents'))
      entries.push({
        key: 'act/merge-several',
        group: 'Chosen',
        mark: <Dot />,
        label: 'Merge the chosen incidents',
        note: chosenToMerge.join(', '),
        shortcut: 'm',
        run: () => act.begin('merge-several', null),
      })
    const screens: [string, string, string | null, () => void][] = [
      ['Operations room', 'screen', null, () => go('/')],
      ['Wall', 'screen', null, () => location.assign('/wall')],
    ]
    if (me.actions.includes('incident.respond')) screens.push(['Mine', 'my page', null, () => go('/mine')])
    if (me.actions.includes('ledger.read')) screens.push(['Filter room', 'screen', null, () => go('/filter')])
    if (me.actions.includes('ledger.read')) screens.push(['Alarm load', 'screen', null, () => go('/filter/load')])
    if (me.actions.includes('policy.read'))
      screens.push(['Policy', 'rules of the filter room, tried on the past', null, () => go('/filter/policy')])
    if (me.actions.includes('picture.read'))
      screens.push(['Tote', 'who is ready, on call, engaged', null, () => go('/tote')])
    if (me.actions.includes('picture.read'))
      screens.push(['Services', 'whose they are, what they need, who answers', null, () => go('/services')])
    if (me.actions.includes('rota.read')) {
      screens.push(['Rota', 'who is on call now and next', null, () => go('/rota')])
      screens.push(['Calendar feeds', 'my shifts in my calendar', null, () => go('/rota?open=feeds')])
    }
    if (me.actions.includes('rota.override'))
      screens.push(['Override in the rota', 'put somebody in', null, () => go('/rota?open=override')])
    screens.push(['How I am told', 'e-mail, web push, quiet hours', null, () => go('/notifications')])
    if (me.actions.includes('silence.read')) screens.push(['Silences', 'screen', null, () => go('/silences')])
    if (me.actions.includes('silence.manage'))
      screens.push(['New silence', 'hold alerts back', null, () => go('/silences?new=1')])
    if (me.actions.includes('report.make'))
      screens.push(['Report what people feel', 'screen', null, () => go('/report')])
    if (me.actions.includes('source.read')) screens.push(['Sources', 'screen', null, () => go('/sources')])
    if (me.actions.includes('channel.read'))
      screens.push(['Channels', 'shared ways of notification', null, () => go('/channels')])
    if (me.actions.includes('lost.read')) screens.push(['Lost property', 'screen', null, () => go('/lost')])
    if (me.actions.includes('person.manage')) screens.push(['People', 'screen', null, () => go('/people')])
    if (me.actions.includes('incident.declare'))
      screens.push(['Declare an incident', 'by hand', 'd', () => act.begin('declare', null)])
    screens.push(['Keys', 'help', '?', () => act.store.setState({ help: true })])
    const found = [...incidents.values()]
      .filter((one) => matchesText(one, text))
      .sort((a, b) => compareRank(a, b, now.getState().at))
    for (const one of found.slice(0, most))
      entries.push({
        key: one.id,
        group: 'Incidents',
        mark: <TierGlyph tier={isOpen(one.phase) ? one.tier : 'over'} size={20} />,
        label: one.title,
        note: `${one.id} · ${one.owner?.name ?? (isOpen(one.phase) ? 'unowned' : one.phase)}${one.flags.includes('restricted') ? ' · restricted' : ''}`,
        shortcut: null,
        run: () => go(`/incident/${one.id}`),
      })
    for (const [label, note, shortcut, run] of screens)
      if (fits(label)) entries.push({ key: `go/${label}`, group: 'Screens', mark: <Dot />, label, note, shortcut, run })
    return entries
  }, [text, incidents, me, path, search, act, go, now])
}

function Dot() {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <path d="M7 5l5 5-5 5" fill="none" stroke="var(--ink-3)" strokeWidth="1.6" />
    </svg>
  )
}
