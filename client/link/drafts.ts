import { type DraftJoined, type DraftTold, draftJoinedSchema, draftToldSchema } from '#shared/brief/line.ts'
import type { ErrorBody } from '#shared/errors.ts'
import { readError } from './commands.ts'
import type { Transport } from './transport.ts'

/** What a brief that is being written needs of the line; made by the screen that shows it. */
export interface DraftPage {
  /** What this page has, for the server to send the rest. */
  vector(): Uint8Array
  joined(answer: DraftJoined): void
  told(told: DraftTold): void
  refused(error: ErrorBody): void
  /** The line is down: what is typed waits here. */
  closed(): void
}

export interface DraftLine {
  /** @param answered null: it is durable. Not called when the line breaks: `closed`, and later `joined`, are. */
  edit(update: Uint8Array, answered: (error: ErrorBody | null) => void): void
  at(field: string | null): void
  /** Asks for what is missing: an edit went astray. */
  join(): void
  leave(): void
}

const unreadable: ErrorBody = {
  code: 'internal',
  message: 'The answer could not be read. Load the page again; what you typed is still in the draft.',
}

/** The briefs that this page has open, over one line that may break: rule BD3, each is joined again whenever it opens. */
export function makeDraftLines(send: Transport['send']) {
  const pages = new Map<string, DraftPage>()
  let open = false
  /** Grows with each line, so that an answer that was asked on another is known as such. */
  let line = 0

  function join(incident: string, page: DraftPage): void {
    if (!open) return
    const askedOn = line
    send('draft-join', { incident, vector: page.vector() }, (raw) => {
      if (line !== askedOn || pages.get(incident) !== page) return
      const joined = draftJoinedSchema.safeParse(raw)
      if (joined.success) page.joined(joined.data)
      else page.refused(readError(raw) ?? unreadable)
    })
  }

  return {
    draft(incident: string, page: DraftPage): DraftLine {
      pages.set(incident, page)
      join(incident, page)
      return {
        edit(update, answered) {
          if (!open) return
          const sentOn = line
          send('draft-edit', { incident, update }, (raw) => {
            if (line === sentOn) answered(readError(raw))
          })
        },
        at(field) {
          if (open) send('draft-at', { incident, field }, () => {})
        },
        join: () => join(incident, page),
        leave() {
          if (pages.get(incident) !== page) return
          pages.delete(incident)
          if (open) send('draft-leave', { incident }, () => {})
        },
      }
    },
    opened(): void {
      open = true
      line++
      for (const [incident, page] of pages) join(incident, page)
    },
    closed(): void {
      open = false
      for (const page of pages.values()) page.closed()
    },
    told(raw: unknown): void {
      const told = draftToldSchema.safeParse(raw)
      if (told.success) pages.get(told.data.incident)?.told(told.data)
      // Whose it was cannot be read: each asks for what it may have missed.
      else for (const [incident, page] of pages) join(incident, page)
    },
  }
}
