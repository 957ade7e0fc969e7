import type { z } from 'zod'
import type { commandSchema } from '#shared/incident/commands.ts'

type Sent = z.input<typeof commandSchema>
/** A command as a screen asks for it; the outbox gives it its id. */
export type CommandInput = Sent extends infer C ? (C extends { id: string } ? Omit<C, 'id'> : never) : never
