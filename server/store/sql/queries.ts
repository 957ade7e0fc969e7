import { type CompiledQuery, type Kysely, type SelectQueryBuilder, sql } from 'kysely'
import type { DecisionFilter, IncidentFilter, LostFilter } from '../port.ts'
import { type GuardedTable, guardedTables, type Tables } from './tables.ts'

/** SQL text and its parameters, in order. The threads execute it. */
export type Query<R> = CompiledQuery<R>

type Builder = Kysely<Tables>

/** Which rows of `alert` count: those of checkpoints up to `gen` but for the `voided`; of each alert, the newest. */
export interface Counting {
  gen: number
  voided: readonly number[]
}

/**
 * Every question the reader asks, without a dialect: a Kysely with SQLite's or PostgreSQL's compiler and no connection
 * turns them into text.
 */
export function makeQueries(db: Builder) {
  const snapshots = () => db.selectFrom('incident_snapshot').selectAll()
  return {
    newest: () => ({
      fact: db.selectFrom('fact').select('seq as at').orderBy('seq', 'desc').limit(1).compile(),
      audit: db.selectFrom('audit').select('seq as at').orderBy('seq', 'desc').limit(1).compile(),
      log: db.selectFrom('log_block').select('last_pos as at').orderBy('first_pos', 'desc').limit(1).compile(),
      decision: db.selectFrom('decision').select('n as at').orderBy('n', 'desc').limit(1).compile(),
    }),
    lastCommit: () => db.selectFrom('chain').selectAll().orderBy('n', 'desc').limit(1).compile(),
    commit: (n: number) => db.selectFrom('chain').selectAll().where('n', '=', n).compile(),
    tallies: () => db.selectFrom('tally').selectAll().orderBy('name').compile(),
    versionOf: (incidentId: string) =>
      db
        .selectFrom('fact')
        .select('version')
        .where('incident_id', '=', incidentId)
        .orderBy('version', 'desc')
        .limit(1)
        .compile(),
    factAt: (seq: number) => db.selectFrom('fact').select('at').where('seq', '=', seq).compile(),
    declaredSeq: (incidentId: string) =>
      db.selectFrom('fact').select('seq').where('incident_id', '=', incidentId).where('version', '=', 1).compile(),
    factsOf: (incidentId: string, afterVersion: number) =>
      db
        .selectFrom('fact')
        .selectAll()
        .where('incident_id', '=', incidentId)
        .where('version', '>', afterVersion)
        .orderBy('version')
        .compile(),
    /** Newest first. */
    factsFrom: (seq: number, at: number, types: readonly string[], limit: number) =>
      db
        .selectFrom('fact')
        .selectAll()
        .where('seq', '>=', seq)
        .where('at', '>=', at)
        .where('type', 'in', types)
        .orderBy('seq', 'desc')
        .limit(limit)
        .compile(),
    factsAfter: (seq: number, types: readonly string[], limit: number) =>
      db
        .selectFrom('fact')
        .selectAll()
        .where('seq', '>', seq)
        .where('type', 'in', types)
        .orderBy('seq')
        .limit(limit)
        .compile(),
    incidentsAfter: (seq: number) =>
      db.selectFrom('fact').select('incident_id').distinct().where('seq', '>', seq).compile(),
    /** An incident with a fact in this stretch that is newer than its snapshot. */
    unsnapped: (afterSeq: number, toSeq: number) =>
      db
        .selectFrom('fact')
        .leftJoin('incident_snapshot', 'incident_snapshot.id', 'fact.incident_id')
        .select('fact.incident_id')
        .where('fact.seq', '>', afterSeq)
        .where('fact.seq', '<=', toSeq)
        .where((row) =>
          row.or([row('incident_snapshot.seq', 'is', null), row('incident_snapshot.seq', '<', row.ref('fact.seq'))]),
        )
        .limit(1)
        .compile(),
    text: (commitment: string) => db.selectFrom('text').selectAll().where('commitment', '=', commitment).compile(),
    blocksFrom: (pos: number) =>
      db
        .selectFrom('log_block')
        .selectAll()
        .where('last_pos', '>=', pos)
        .where('first_pos', '>=', blockHolding(pos))
        .orderBy('first_pos')
        .compile(),
    snapshot: (id: string) => snapshots().where('id', '=', id).compile(),
    snapshotsToRestore: (settledAfter: number) =>
      snapshots()
        .where((row) => row.or([row('open', '=', 1), row('changed_at', '>=', settledAfter)]))
        .compile(),
    snapshotsLike: (filter: IncidentFilter, limit: number, offset: number) =>
      selected(snapshots(), filter).orderBy('declared_seq', 'desc').limit(limit).offset(offset).compile(),
    /** Those that a restart needs, as they were at the checkpoint that counts. */
    liveAlerts: (counting: Counting) => newestAlerts(counting).where('live', '=', 1).orderBy('id').compile(),
    alertsOf: (incidentId: string, counting: Counting, limit: number) =>
      newestAlerts(counting).where('incident_id', '=', incidentId).orderBy('id').limit(limit).compile(),
    alertSlots: (id: string) => db.selectFrom('alert').selectAll().where('id', '=', id).compile(),
    /** Rows of forgotten alerts after this one, in the order of checkpoints. */
    forgottenAlerts: (after: { gen: number; id: string }, to: number, limit: number) =>
      db
        .selectFrom('alert')
        .select(['id', 'slot', 'gen'])
        .where('live', '=', 0)
        .where('gen', '>=', after.gen)
        .where((row) => row.or([row('gen', '>', after.gen), row('id', '>', after.id)]))
        .where('gen', '<=', to)
        .orderBy('gen')
        .orderBy('id')
        .limit(limit)
        .compile(),
    decisionsOf: (incidentId: string, limit: number) =>
      db.selectFrom('decision').selectAll().where('incident_id', '=', incidentId).orderBy('n').limit(limit).compile(),
    decisions: ({ alertId, stage, rule, before, limit }: DecisionFilter) => {
      // The log knows when: decisions have no instant of their own.
      const at = db
        .selectFrom('log_block')
        .select('at')
        .where('first_pos', '<=', sql.ref<number>('decision.pos'))
        .orderBy('first_pos', 'desc')
        .limit(1)
      let rows = db.selectFrom('decision').selectAll().select(sql<number>`coalesce(${at}, 0)`.as('at'))
      if (alertId !== undefined) rows = rows.where('alert_id', '=', alertId)
      if (stage !== undefined) rows = rows.where('stage', '=', stage)
      if (rule !== undefined) rows = rows.where('rule', '=', rule)
      if (before !== undefined) rows = rows.where('n', '<', before)
      return rows.orderBy('n', 'desc').limit(limit).compile()
    },
    /** The first decision from `n` on. */
    decisionFrom: (n: number) =>
      db.selectFrom('decision').selectAll().where('n', '>=', n).orderBy('n').limit(1).compile(),
    /** Decisions after this one that name an incident. */
    placesAfter: (n: number, limit: number) =>
      db
        .selectFrom('decision')
        .selectAll()
        .where('n', '>', n)
        .where('incident_id', 'is not', null)
        .orderBy('n')
        .limit(limit)
        .compile(),
    /** The newest entry of the audit about this, not after `at`. */
    auditedLast: (action: string, at: number) =>
      db
        .selectFrom('audit')
        .selectAll()
        .where('action', '=', action)
        .where('at', '<=', at)
        .orderBy('seq', 'desc')
        .limit(1)
        .compile(),
    ledgerSince: (minute: number) =>
      db
        .selectFrom('ledger')
        .selectAll()
        .where('minute', '>=', minute)
        .orderBy('minute')
        .orderBy('source_id')
        .compile(),
    answer: (actor: string, commandId: string) =>
      db.selectFrom('answer').selectAll().where('actor', '=', actor).where('command_id', '=', commandId).compile(),
    settings: (kind: string | undefined) => {
      const all = db.selectFrom('setting').selectAll().orderBy('kind').orderBy('id')
      return (kind === undefined ? all : all.where('kind', '=', kind)).compile()
    },
    settingsOfPerson: (personId: string) =>
      db.selectFrom('setting').selectAll().where('person_id', '=', personId).compile(),
    auditAfter: (seq: number, limit: number) =>
      db.selectFrom('audit').selectAll().where('seq', '>', seq).orderBy('seq').limit(limit).compile(),
    lost: (filter: LostFilter) => {
      const { sourceId, state, before } = filter
      let rows = db.selectFrom('lost').selectAll()
      if (sourceId !== undefined) rows = rows.where('source_id', '=', sourceId)
      if (state !== undefined) rows = rows.where('state', '=', state)
      if (before !== undefined)
        rows = rows.where((row) =>
          row.or([row('pos', '<', before.pos), row.and([row('pos', '=', before.pos), row('idx', '<', before.index)])]),
        )
      return rows.orderBy('pos', 'desc').orderBy('idx', 'desc').limit(filter.limit).compile()
    },
    checkpoint: () => db.selectFrom('checkpoint').selectAll().where('id', '=', 1).compile(),
    /** Everything, for the proof. */
    whole: {
      facts: () => db.selectFrom('fact').selectAll().orderBy('seq').compile(),
      audit: () => db.selectFrom('audit').selectAll().orderBy('seq').compile(),
      blocks: () => db.selectFrom('log_block').selectAll().orderBy('first_pos').compile(),
      chain: () => db.selectFrom('chain').selectAll().orderBy('n').compile(),
      texts: () => db.selectFrom('text').selectAll().compile(),
      guarded: (table: GuardedTable) => db.selectFrom(table).selectAll().compile(),
    },
    forgetTexts: (keyId: string) => db.updateTable('text').set({ box: null }).where('key_id', '=', keyId).compile(),
  }

  function newestAlerts({ gen, voided }: Counting) {
    const rows = db
      .selectFrom('alert')
      .selectAll()
      .where('gen', '<=', gen)
      .where(({ not, exists, selectFrom, ref }) => {
        const newer = selectFrom('alert as other')
          .select('other.gen')
          .where('other.id', '=', ref('alert.id'))
          .where('other.slot', '=', sql<number>`1 - ${ref('alert.slot')}`)
          .where('other.gen', '>', ref('alert.gen'))
          .where('other.gen', '<=', gen)
        return not(exists(voided.length === 0 ? newer : newer.where('other.gen', 'not in', voided)))
      })
    return voided.length === 0 ? rows : rows.where('gen', 'not in', voided)
  }

  function blockHolding(pos: number) {
    return sql<number>`coalesce(${db
      .selectFrom('log_block')
      .select('first_pos')
      .where('first_pos', '<=', pos)
      .orderBy('first_pos', 'desc')
      .limit(1)}, 0)`
  }
}
export type Queries = ReturnType<typeof makeQueries>

function selected<R>(query: SelectQueryBuilder<Tables, 'incident_snapshot', R>, filter: IncidentFilter) {
  let rows = query
  if (filter.open !== undefined) rows = rows.where('open', '=', filter.open ? 1 : 0)
  if (filter.phase !== undefined) rows = rows.where('phase', 'in', filter.phase)
  if (filter.owner !== undefined) rows = rows.where('owner', '=', filter.owner)
  if (filter.service !== undefined) rows = rows.where('service', '=', filter.service)
  if (filter.beforeSeq !== undefined) rows = rows.where('declared_seq', '<', filter.beforeSeq)
  const { tier } = filter
  if (tier !== undefined) {
    const tiers = tier.filter((one) => one !== null)
    rows = rows.where((row) =>
      row.or([
        ...(tiers.length > 0 ? [row('tier', 'in', tiers)] : []),
        ...(tier.includes(null) ? [row('tier', 'is', null)] : []),
      ]),
    )
  }
  return rows
}

/** Statements of the writer: their parameters are bound anew each time, in the order of `columns`. */
export function makeWrites(db: Builder) {
  const insert = <T extends keyof Tables>(table: T, columns: readonly (keyof Tables[T] & string)[]) =>
    db.insertInto(table).values(Object.fromEntries(columns.map((column) => [column, null])) as never)
  const insertSql = <T extends keyof Tables>(table: T, columns: readonly (keyof Tables[T] & string)[]) =>
    insert(table, columns).compile().sql
  const put = (table: GuardedTable) => {
    const { key, columns } = guardedTables[table]
    const all = [...columns, 'mac'] as never[]
    const others = all.filter((column) => !(key as readonly string[]).includes(column))
    const replaced = Object.fromEntries(others.map((column) => [column, sql.ref(`excluded.${column as string}`)]))
    return insert(table, all)
      .onConflict((conflict) => conflict.columns(key as never).doUpdateSet(replaced as never))
      .compile().sql
  }
  const byKey = (table: GuardedTable) => {
    const where = guardedTables[table].key.map((column) => sql`${sql.ref(column)} = ${null}`)
    return sql.join(where, sql` and `)
  }
  return {
    fact: insertSql('fact', [
      'seq',
      'incident_id',
      'version',
      'type',
      'fact_version',
      'at',
      'by',
      'data',
      'sealed',
      'hash',
    ]),
    audit: insertSql('audit', ['seq', 'at', 'by', 'action', 'subject', 'outcome', 'detail', 'sealed', 'hash']),
    text: insertSql('text', ['commitment', 'owner', 'seq', 'field', 'key_id', 'box']),
    block: insertSql('log_block', ['first_pos', 'last_pos', 'at', 'key_id', 'digest', 'box', 'hash']),
    chain: insertSql('chain', [
      'n',
      'at',
      'prev',
      'root',
      'facts_to',
      'audit_to',
      'pos_to',
      'count',
      'tally',
      'hash',
      'signature',
    ]),
    tally: db
      .insertInto('tally')
      .values({ name: '', rows: 0, sum: new Uint8Array() })
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet((row) => ({ rows: row.ref('excluded.rows'), sum: row.ref('excluded.sum') })),
      )
      .compile().sql,
    put: (table: GuardedTable) => put(table),
    /** @param columns those to be set; bound in this order, then the key */
    update: (table: GuardedTable, columns: readonly string[]) =>
      db
        .updateTable(table)
        .set(Object.fromEntries(columns.map((column) => [column, null])) as never)
        .where(byKey(table) as never)
        .compile().sql,
    get: (table: GuardedTable) =>
      db
        .selectFrom(table)
        .selectAll()
        .where(byKey(table) as never)
        .compile().sql,
    remove: (table: GuardedTable) =>
      db
        .deleteFrom(table)
        .where(byKey(table) as never)
        .compile().sql,
  }
}
export type Writes = ReturnType<typeof makeWrites>
