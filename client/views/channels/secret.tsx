import { z } from 'zod'
import { channelViewSchema, webhookExample } from '#shared/notify/channels.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { CopyBlock } from '../../widgets/controls/copy.tsx'
import { Buttons, Dialog } from '../../widgets/controls/dialog.tsx'

export const freshSecretSchema = z.object({ channel: channelViewSchema, secret: z.string().nullable() })
export type FreshSecret = z.output<typeof freshSecretSchema>

/** What a webhook is signed with, once, and what will come. */
export function SecretShown({ fresh, onClose }: { fresh: FreshSecret; onClose: () => void }) {
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={`Signing secret of ${fresh.channel.name}`}
      lead="Shown once. Whoever takes these messages proves with it that they come from here, as Standard Webhooks says; every language has a library for it."
    >
      <CopyBlock label="signing secret" text={fresh.secret ?? ''} />
      <CopyBlock label="what will come, for example" text={JSON.stringify(webhookExample, null, 2)} />
      <p className="dim">
        Its form is at <a href="/api/webhook.schema.json">/api/webhook.schema.json</a>. The header webhook-id is the
        same when a message is sent again.
      </p>
      <Buttons>
        <Button onClick={onClose}>I have kept it</Button>
      </Buttons>
    </Dialog>
  )
}
