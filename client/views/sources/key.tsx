import { Link } from 'wouter'
import { z } from 'zod'
import { sourceViewSchema } from '#shared/wire.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { CopyBlock } from '../../widgets/controls/copy.tsx'
import { Buttons, Dialog } from '../../widgets/controls/dialog.tsx'

export const freshKeySchema = z.object({
  source: sourceViewSchema,
  key: z.string(),
  secret: z.string().nullable(),
  url: z.string(),
  connect: z.array(z.object({ title: z.string(), language: z.string(), text: z.string() })),
})
export type FreshKey = z.output<typeof freshKeySchema>

/** The key, once, and what to paste where. */
export function KeyShown({ fresh, onClose }: { fresh: FreshKey; onClose: () => void }) {
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={`Key of ${fresh.source.name}`}
      lead="Shown once: only its beginning is kept in view. It can write events, and nothing else."
    >
      <CopyBlock label="key" text={fresh.key} />
      {fresh.url !== '' && <CopyBlock label="address" text={fresh.url} />}
      {fresh.secret !== null && <CopyBlock label="signing secret" text={fresh.secret} />}
      {fresh.connect.map((snippet) => (
        <CopyBlock key={snippet.title} label={snippet.title} text={snippet.text} />
      ))}
      <p className="dim">
        Its page has all of this with a place for the key, a test to send, and its settings:{' '}
        <Link href={`/sources/${fresh.source.id}`}>{fresh.source.name}</Link>
      </p>
      <Buttons>
        <Button onClick={onClose}>I have kept it</Button>
      </Buttons>
    </Dialog>
  )
}
