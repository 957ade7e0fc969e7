import { expect, test } from 'vitest'
import { type Told, toldWords, troubleWords } from './told.ts'

const told = (person: string | null, channel: string, more: Partial<Told> = {}): Told => ({
  ...{ person, channel, outcome: 'delivered', attempt: 1, detail: '' },
  ...more,
})

test('who was told by the same ways is named together, and channels after them', () => {
  expect(toldWords([told('Ada', 'email'), told('Ben', 'email')])).toBe('told Ada and Ben by e-mail')
  expect(toldWords([told('Ada', 'email'), told('Ben', 'email'), told('Ben', 'ntfy')])).toBe(
    'told Ada by e-mail, and Ben by e-mail and by ntfy',
  )
  expect(toldWords([told(null, 'ops')])).toBe('told the channel ops')
})

test('what did not arrive says so, and why in the words of the other side', () => {
  const all = [
    told('Ada', 'email', { outcome: 'failed', detail: 'it is busy' }),
    told('Ada', 'email', { outcome: 'given-up', attempt: 12, detail: 'it is busy' }),
    told(null, 'none', { outcome: 'given-up', attempt: 0, detail: 'Dan: no way to reach them is set up' }),
  ]
  expect(toldWords(all)).toBe(
    'could not yet tell Ada by e-mail; gave up telling Ada by e-mail; could not tell Dan: no way to reach them is set up',
  )
  expect(troubleWords(all)).toBe('it is busy; it is busy (12 tries)')
})
