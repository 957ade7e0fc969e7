import type { Stage } from './stage.ts'
import { amend } from './stages/amend.ts'
import { correlate } from './stages/correlate.ts'
import { damp } from './stages/damp.ts'
import { deduplicate } from './stages/deduplicate.ts'
import { define } from './stages/define.ts'
import { enrich } from './stages/enrich.ts'
import { inhibit } from './stages/inhibit.ts'
import { parse } from './stages/parse.ts'
import { redact } from './stages/redact.ts'
import { redeliver } from './stages/redeliver.ts'
import { restrict } from './stages/restrict.ts'
import { shed } from './stages/shed.ts'
import { silence } from './stages/silence.ts'

/** THE order of the filter room. The last one decides whatever is left. */
export const stages: readonly Stage[] = [
  redeliver,
  parse,
  redact,
  amend,
  deduplicate,
  restrict,
  silence,
  inhibit,
  damp,
  shed,
  enrich,
  define,
  correlate,
]
