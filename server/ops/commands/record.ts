import { writeFile } from 'node:fs/promises'
import { z } from 'zod'
import type { OpsCommand } from '../command.ts'

const verification = z.object({
  ok: z.boolean(),
  checked: z.record(z.string(), z.number()),
  head: z.object({ commit: z.number(), hash: z.string() }),
  problems: z.array(z.object({ row: z.string(), what: z.string() })),
})

export const recordCommands: OpsCommand[] = [
  {
    name: 'audit verify',
    usage: '',
    says: 'Proves the record row by row, also beside a running server. Exit status 1 when it is not whole.',
    args: { min: 0, max: 0 },
    needs: 'record',
    async run(_line, verify) {
      const json = await verify()
      const { ok, checked, head, problems } = verification.parse(json)
      const counts = Object.entries(checked).map(([what, count]) => `${count} ${what}`)
      const text = [
        ok
          ? 'The record is whole.'
          : `The record is NOT whole: ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.`,
        ...problems.map(({ row, what }) => `  ${row}: ${what}`),
        `Checked: ${counts.join(', ')}.`,
        `Newest commit: ${head.commit} ${head.hash}`,
        ...(ok ? [] : ['Keep this database as it is, and restore a backup into another folder to compare.']),
      ]
      return { json, text: text.join('\n'), ok }
    },
  },
  {
    name: 'export incident',
    usage: '<id> [--out FILE]',
    says: 'Everything the journal has of one incident, as JSON. It holds people’s words and names: keep it accordingly.',
    options: { out: { type: 'string' } },
    args: { min: 1, max: 1 },
    needs: 'house',
    async run(line, call) {
      const id = line.args[0] ?? ''
      const json = await call('GET', `/api/incidents/${encodeURIComponent(id)}/export`)
      const text = JSON.stringify(json, null, 2)
      const file = line.option('out')
      if (file === undefined) return { json, text }
      await writeFile(file, `${text}\n`, { mode: 0o600, flag: 'wx' })
      return { json: { file }, text: `${id} is written to ${file}.` }
    },
  },
]
