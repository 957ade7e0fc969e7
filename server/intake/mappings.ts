import { UxbridgeError } from '#shared/errors.ts'
import type { Mapping } from '#shared/mapping/language.ts'
import type { Policy } from '#shared/policy.ts'
import type { Settings } from '#shared/source.ts'
import { adapterById, adapterFor, sourceKinds } from './adapters.ts'
import type { Adapter, DoorName, SourceKind } from './port.ts'

/** The policies that settings may refer to. */
export interface PolicyVersions {
  /** Every version that was ever active, by hash. */
  policyOf(hash: string): Pick<Policy, 'mappings'> | undefined
  activeHash(): string
}

/** How requests are read: the kinds of source, and what finds an adapter among them. */
export interface Readers {
  sourceKinds: readonly SourceKind[]
  adapterById(id: string): Adapter | undefined
  adapterFor(kind: string, door: DoorName): Adapter | undefined
}

/**
 * The kinds of source, with adapters that know the mappings of the policy. Rule M3: a request is read by the mapping that the
 * active policy had when it came, today and when the log is replayed: the policy's hash is logged with the mapping's name.
 */
export function makeReaders(versions: PolicyVersions): Readers {
  const kinds = sourceKinds.map((kind) => ({
    ...kind,
    adapters: kind.adapters.map((adapter) => (adapter.uses?.includes('mapping') ? bound(adapter, versions) : adapter)),
  }))
  const byId = new Map(kinds.flatMap(({ adapters }) => adapters.map((adapter) => [adapter.id, adapter] as const)))
  return {
    sourceKinds: kinds,
    adapterById: (id) => byId.get(id) ?? adapterById(id),
    adapterFor: (kind, door) => byId.get(`${kind}/${door}`) ?? adapterFor(kind, door),
  }
}

function bound(adapter: Adapter, versions: PolicyVersions): Adapter {
  return {
    ...adapter,
    pin: (settings) => (nameIn(settings) === null ? settings : { ...settings, policyHash: versions.activeHash() }),
    parse(request) {
      if (request.mapping !== undefined || nameIn(request.settings) === null) return adapter.parse(request)
      return adapter.parse({ ...request, mapping: mappingFor(request.settings, versions.policyOf) })
    },
  }
}

/**
 * The mapping that logged settings mean; null where they name none, or one that their policy has not.
 * @throws UxbridgeError `store-corrupt` when the policy of that day is not kept
 */
export function mappingFor(settings: Settings, policyOf: PolicyVersions['policyOf']): Mapping | null {
  const name = nameIn(settings)
  const { policyHash } = settings
  if (name === null || typeof policyHash !== 'string') return null
  const mappings = policyOf(policyHash)?.mappings
  if (mappings === undefined)
    throw new UxbridgeError(
      'store-corrupt',
      `A request names policy version ${policyHash.slice(0, 12)}, which the database does not hold. Restore a backup.`,
    )
  return Object.hasOwn(mappings, name) ? (mappings[name] ?? null) : null
}

/** The mapping that the settings of a source name. */
export function nameIn({ mapping }: Settings): string | null {
  return typeof mapping === 'string' && mapping !== '' ? mapping : null
}
