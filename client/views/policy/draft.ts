import type { PolicySection } from '#shared/trial.ts'

/** A text that was begun and not saved: it survives going elsewhere and coming back in the same tab. */
export interface Draft {
  /** Hash and text of the file that it was begun from. */
  base: string
  baseText: string
  text: string
}

export interface Kept {
  read(): Draft | null
  /** Null: there is nothing to be kept. */
  write(draft: Draft | null): void
}

const place = 'uxbridge.policy.draft'

/** @param storage the tab's; where it refuses (private windows, no room) the draft lives as long as the page */
export function keptIn(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): Kept {
  return {
    read() {
      try {
        const found: unknown = JSON.parse(storage.getItem(place) ?? 'null')
        return isDraft(found) ? found : null
      } catch (error) {
        if (error instanceof SyntaxError || error instanceof DOMException) return null
        throw error
      }
    },
    write(draft) {
      try {
        if (draft === null) storage.removeItem(place)
        else storage.setItem(place, JSON.stringify(draft))
      } catch (error) {
        if (!(error instanceof DOMException)) throw error
      }
    },
  }
}

function isDraft(value: unknown): value is Draft {
  const draft = value as Draft | null
  return typeof draft?.base === 'string' && typeof draft.baseText === 'string' && typeof draft.text === 'string'
}

/** How what is typed stands to the file: the same; changed; or the file is another one than it was begun from. */
export function standing(draft: Draft | null, file: { text: string; hash: string }): 'same' | 'changed' | 'conflict' {
  if (draft === null || draft.text === file.text) return 'same'
  return draft.base === file.hash ? 'changed' : 'conflict'
}

/** The text with a new rule of this kind. @returns null where it takes none; `line` is where the rule begins, from 1 */
export function withRule(text: string, { insert }: PolicySection): { text: string; line: number } | null {
  if (insert === null) return null
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  const added = insert.text.replace(/\n$/, '').split('\n')
  const all = [...lines.slice(0, insert.after), ...added, ...lines.slice(insert.after)]
  // Its comment and, where the list is new, its key stand above it.
  const first = added.findIndex((line) => /^\s*- /.test(line))
  return { text: `${all.join('\n')}\n`, line: insert.after + Math.max(0, first) + 1 }
}

/** Where a rule that decided stands in the text; null where it is none of these, such as a built-in one. */
export function lineOfRule(sections: readonly PolicySection[], stage: string, rule: string): number | null {
  const of: Readonly<Record<string, readonly string[]>> = {
    redact: ['filters.redact'],
    silence: ['filters.maintenance'],
    inhibit: ['filters.inhibit'],
    damp: ['filters.damp'],
    shed: ['filters.shed'],
    define: ['definitions'],
    correlate: ['correlate', 'definitions'],
  }
  for (const key of of[stage] ?? [])
    for (const found of sections.find((section) => section.key === key)?.rules ?? [])
      if (found.name === rule) return found.line
  return null
}
