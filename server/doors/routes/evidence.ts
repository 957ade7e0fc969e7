import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { largestFile, mostFileBytes } from '#shared/evidence.ts'
import { factViewSchema } from '#shared/wire.ts'
import type { CommandRoom } from '../../command/port.ts'
import { savedName } from '../../evidence/index.ts'
import type { Picture } from '../../picture/port.ts'
import { FileAnswer, idParams, type Route, route, signedIn } from './route.ts'

const tag = 'Evidence'
const oneParams = z.strictObject({ id: idParams.shape.id, evidence: z.coerce.number().int().positive() })

/** Headers are Latin-1, and names are not: they come percent-encoded. */
const encoded = (most: number) =>
  z
    .string()
    .max(most * 12)
    .transform((text, context) => {
      try {
        return decodeURIComponent(text).trim()
      } catch (error) {
        if (!(error instanceof URIError)) throw error
        context.addIssue({ code: 'custom', message: 'must be percent-encoded UTF-8, as encodeURIComponent gives it' })
        return z.NEVER
      }
    })
    .pipe(z.string().max(most))

const uploadHeaders = z.object({
  'x-evidence-name': encoded(255).pipe(z.string().min(1)).describe('Name of the file, percent-encoded'),
  'x-evidence-note': encoded(500).optional().describe('What it shows, percent-encoded'),
  'idempotency-key': z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('Made by the sender; the same key with the same file again gives the stored answer'),
  'content-length': z.coerce.number().int().nonnegative().optional(),
})

export interface EvidenceRouteParts {
  commandRoom: CommandRoom
  picture: Picture
}

/** Files of incidents, in and out. Links, payloads and withdrawals are commands of the incident. */
export function evidenceRoutes({ commandRoom, picture }: EvidenceRouteParts): Route[] {
  return [
    route({
      method: 'post',
      path: '/api/incidents/:id/evidence',
      action: 'incident.respond',
      tag,
      summary: `Add a file: the body as it is. Up to ${largestFile >> 20} MiB, and ${mostFileBytes >> 20} MiB for one incident; images, text, logs, JSON, HAR, CSV, PDF, zip and gzip, judged by their bytes`,
      params: idParams,
      upload: uploadHeaders,
      answer: z.strictObject({
        evidence: z.number().describe('Its number in this incident'),
        seq: z.number(),
        facts: z.array(factViewSchema),
      }),
      status: 201,
      run: async (call) => {
        const { said, content } = call.upload
        const { seq, facts } = await commandRoom.evidence.keep(
          signedIn(call).actor,
          call.params.id,
          {
            commandId: said['idempotency-key'] ?? randomUUID(),
            name: said['x-evidence-name'],
            note: said['x-evidence-note'] ?? '',
            length: said['content-length'] ?? null,
            content,
          },
          { address: call.who.address },
        )
        const added = facts.find((fact) => fact.type === 'evidence-added')
        const evidence = added?.type === 'evidence-added' ? added.evidence : 0
        call.reply.setHeader('Location', `/api/incidents/${encodeURIComponent(call.params.id)}/evidence/${evidence}`)
        return { evidence, seq, facts: facts.map(picture.factView) }
      },
    }),
    route({
      method: 'get',
      path: '/api/incidents/:id/evidence/:evidence',
      action: 'evidence.read',
      tag,
      summary: 'The bytes of a file or a payload, to be saved; every look is audited',
      params: oneParams,
      query: z.strictObject({
        as: z.enum(['download', 'preview']).default('download').describe('preview: an image, shown where it stands'),
      }),
      answer: 'file',
      run: async (call) => {
        const { id, evidence: number } = call.params
        const { actor } = signedIn(call)
        const { evidence, content } = await commandRoom.evidence.open(actor, call.who, id, number, call.query.as)
        const mediaType = evidence.mediaType ?? 'application/octet-stream'
        return new FileAnswer({
          name: savedName(evidence.name, mediaType),
          mediaType,
          size: evidence.size ?? 0,
          content,
        })
      },
    }),
  ]
}
