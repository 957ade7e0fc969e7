import type { Lease, LeaseAsked } from '../../port.ts'
import type { Database } from '../database.ts'

/** What is over for so long is forgotten: nobody who was asked for it then still wants it. */
const keptMs = 24 * 60 * 60_000

/** Gives out what nobody holds, in one transaction: of two processes that ask for one key, one gets it. */
export function makeLeases(db: Database): (asked: LeaseAsked) => Lease[] {
  const held = db.prepare('SELECT holder, until FROM lease WHERE key = ?')
  const put = db.prepare(
    'INSERT INTO lease (key, holder, until) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET holder = excluded.holder, until = excluded.until',
  )
  const forget = db.prepare('DELETE FROM lease WHERE until < ?')
  return ({ keys, holder, at, until }) => {
    db.raw.exec('BEGIN IMMEDIATE')
    try {
      const won: Lease[] = []
      for (const key of new Set(keys)) {
        const known = held.get(key) as { holder: string; until: number } | undefined
        if (known !== undefined && known.until > at && known.holder !== holder) continue
        put.run(key, holder, until)
        won.push({ key, again: known !== undefined })
      }
      forget.run(at - keptMs)
      db.raw.exec('COMMIT')
      return won
    } catch (error) {
      if (db.raw.isTransaction) db.raw.exec('ROLLBACK')
      throw error
    }
  }
}
