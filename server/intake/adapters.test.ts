import { describe, expect, it } from 'vitest'
import { sourceKinds } from './adapters.ts'

describe.each(sourceKinds.map((kind) => [kind.kind, kind] as const))('%s', (_, kind) => {
  const where = { baseUrl: 'https://ux.example/base', key: 'KEY', sourceId: 's_1', settings: {} }
  const shown = kind.connect({ ...where, secret: kind.signs === 'ours' ? 'whsec_SECRET' : null })

  it('says what to paste: our address, and the key or the secret', () => {
    expect(shown.some(({ text }) => text.includes('ux.example'))).toBe(true)
    for (const { title, text } of shown) {
      expect(title).not.toBe('')
      expect(text.endsWith('\n')).toBe(true)
    }
    // Doors of a source's own are known by their port or broker, not by a key.
    if (kind.listen === undefined) expect(shown.some(({ text }) => /KEY|whsec_SECRET/.test(text))).toBe(true)
  })

  it('without a secret at hand says what belongs there', () => {
    const without = kind.connect({ ...where, secret: null })
    const [known, unknown] = [shown, without].map((all) => all.map(({ text }) => text.split(/null|undefined/).length))
    expect(unknown).toEqual(known)
  })

  it('has adapters of its own name, and a proof where it signs', () => {
    for (const { id, door } of kind.adapters) expect(id).toBe(`${kind.kind}/${door}`)
    expect(kind.adapters.some(({ verify }) => verify !== undefined)).toBe(kind.signs !== undefined)
  })
})
