import { Link, useLocation } from 'wouter'
import { useStore } from 'zustand'
import type { QueueItem } from '../../link/offline/queue.ts'
import { commandWords } from '../../state/actions.ts'
import { useApp } from '../context.ts'
import css from './waiting.module.css'

/** On every other screen: that something waits, or was answered and not read, and where. */
export function WaitingChip() {
  const { device } = useApp()
  const items = useStore(device.store, (state) => state.items)
  const [path] = useLocation()
  const shown = items.filter(isDue)
  if (shown.length === 0 || path === '/mine') return null
  return (
    <Link href="/mine" className={css.chip ?? ''} role="status">
      {chipWords(shown)}
    </Link>
  )
}

/** Most answers come within a blink; only a wait that can be felt is shown. */
const isDue = ({ state, askedAt }: QueueItem) => state === 'answered' || Date.now() - askedAt > 1_000

/** What waits, in a few words. */
export function chipWords(items: readonly QueueItem[]): string {
  const [first] = items
  if (first === undefined) return ''
  if (items.length > 1) {
    const answers = items.filter(({ state }) => state === 'answered').length
    const waiting = items.length - answers
    const parts = [waiting > 0 && `${waiting} waiting for the answer`, answers > 0 && `${answers} answered`]
    return parts.filter(Boolean).join(', ')
  }
  const what = commandWords(first.type, first.incident)
  if (first.state === 'answered') return `${what}: ${first.answer?.how === 'done' ? 'done' : 'refused'}`
  return first.state === 'asks' ? `${what}: too old to be sent unasked` : `${what}: waiting for the answer`
}
