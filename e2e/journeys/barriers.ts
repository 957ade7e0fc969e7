import axe from 'axe-core'
import type { Page } from 'playwright'

/**
 * What bars people from a page, each in one line with the element that does. Empty is what is wanted.
 * axe-core judges what a machine can judge of the rules of WCAG 2.2 AA; the rest of this file is what it does not: focus,
 * the tab key, the size of targets, zoom, live regions, motion.
 */

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/**
 * @param only names of rules, where the others cannot come to another result: colours in another theme
 * @param within a part of the page; else all of it
 */
export async function axeFaults(
  page: Page,
  { only = null, within = null }: { only?: readonly string[] | null; within?: string | null } = {},
): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  return page.evaluate(
    async ([tags, only, within]) => {
      const { axe } = window as unknown as { axe: typeof import('axe-core') }
      const { violations } = await axe.run(within ?? document, {
        runOnly: only === null ? { type: 'tag', values: tags } : { type: 'rule', values: only },
        // Of WCAG 2.2, and off by default.
        ...(only === null && { rules: { 'target-size': { enabled: true } } }),
        resultTypes: ['violations'],
      })
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, target, any, all, none }) => {
          const [why] = [...any, ...all, ...none].map(({ message }) => message)
          return `${id}: ${String(target)} ${html.slice(0, 160)} (${why})`
        }),
      )
    },
    [tags, only, within] as [string[], string[] | null, string | null],
  )
}

/** What axe finds in the dark theme, and of colours in the light one: nothing else depends on it. */
export async function axeInBothThemes(page: Page, within: string | null = null): Promise<string[]> {
  const wear = (theme: string) =>
    page.evaluate((name) => {
      document.documentElement.dataset.theme = name
    }, theme)
  await wear('dark')
  const dark = await axeFaults(page, { within })
  await wear('light')
  const light = await axeFaults(page, { within, only: ['color-contrast'] })
  await wear('dark')
  return [...dark, ...light.map((line) => `light: ${line}`)]
}

export interface Reached {
  /** Controls that the tab key does not come to, and that no neighbour in a group of arrow keys stands for. */
  unreached: string[]
  /** Those that look the same with the focus as without. */
  ringless: string[]
  /** Those that lie wholly under something else when they have the focus. */
  covered: string[]
  /** Those outside of the dialog that the focus came to. */
  outside: string[]
  count: number
}

/**
 * Walks the page with the tab key until it comes round.
 * @param within what must keep the focus: a dialog
 */
export async function walkByTab(page: Page, within: string | null = null): Promise<Reached> {
  let presses = await page.evaluate(beginWalk, within)
  // While it walks, more may come; a page that never comes round ends the walk all the same.
  for (let walked = 0; presses > 0 && walked < 400; walked += presses) {
    for (let pressed = 0; pressed < presses; pressed++) {
      await page.keyboard.press('Tab')
      // What keeps the focus in a dialog does so with the next frame.
      if (within !== null) await page.evaluate(() => new Promise(requestAnimationFrame))
    }
    presses = (await page.evaluate(() => (window as unknown as { cameRound(): boolean }).cameRound())) ? 0 : 8
  }
  return page.evaluate(() => (window as unknown as { endWalk(): Promise<Reached> }).endWalk())
}

/** Runs in the page: notes what each focus looks like until `endWalk` is called. @returns presses of the tab key that should come round */
function beginWalk(within: string | null): number {
  const root = within === null ? document.body : document.querySelector(within)
  if (root === null) throw new Error(`there is no ${within}`)
  const controls = 'a[href], button, input, select, textarea, summary, [role="button"], [tabindex="0"]'
  const wanted = [...root.querySelectorAll<HTMLElement>(controls)].filter(
    (one) =>
      one.checkVisibility({ visibilityProperty: true }) &&
      one.getClientRects().length > 0 &&
      !one.matches(':disabled, [aria-hidden="true"], [aria-hidden="true"] *, [inert] *'),
  )
  const name = (one: Element) =>
    `${one.tagName.toLowerCase()} “${(one.getAttribute('aria-label') ?? one.textContent ?? '').trim().slice(0, 50)}” .${one.getAttribute('class')}`
  const look = (one: Element) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor } = getComputedStyle(one)
    // The browser's own ring says 1px and draws more.
    const drawn = outlineStyle === 'auto' || (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2)
    const outline = drawn ? outlineColor : ''
    return [outline, boxShadow, borderColor, backgroundColor].join(' ')
  }
  /** The ring may be drawn by what a control stands in: a card, the label of a box that is drawn itself. */
  const around = (one: Element) => [one, one.parentElement ?? one, one.closest('article, label, li') ?? one]
  const start = document.createElement('span')
  start.tabIndex = -1
  if (within === null) {
    document.body.prepend(start)
    start.focus()
  }
  const first = document.activeElement
  const before = new Map(wanted.map((one) => [one as Element, around(one).map(look)]))
  if (first !== null) before.delete(first)
  const isCovered = (one: Element) => {
    const points = [...one.getClientRects()].flatMap(({ left, right, top, bottom }) => [
      [(left + right) / 2, (top + bottom) / 2],
      [left + 2, top + 2],
      [right - 2, bottom - 2],
      [left + 2, bottom - 2],
      [right - 2, top + 2],
    ])
    return !points.some(([x = 0, y = 0]) => {
      const there = document.elementFromPoint(x, y)
      return there !== null && (one.contains(there) || there.contains(one) || there.closest('label')?.contains(one))
    })
  }
  const reached = new Set<Element>()
  let round = false
  const found = { ringless: new Set<string>(), outside: new Set<string>() }
  const suspects = new Set<HTMLElement>()
  const onFocus = ({ target }: FocusEvent) => {
    // A guard gives the focus back at once.
    if (!(target instanceof Element) || target.matches('[aria-hidden="true"]')) return
    const [entrance] = reached
    if (target === entrance) round = true
    reached.add(target)
    // What had the focus from the beginning is seen without it only now, and judged when the walk comes round to it.
    if (first !== null && first !== target && reached.size === 1) before.set(first, around(first).map(look))
    const was = before.get(target)
    if (!root.contains(target)) found.outside.add(name(target))
    else if (was !== undefined && around(target).every((one, index) => look(one) === was[index]))
      found.ringless.add(name(target))
    // On the second round a tip may not have closed yet: nobody is so quick.
    if (!round && target instanceof HTMLElement && root.contains(target) && isCovered(target)) suspects.add(target)
  }
  document.addEventListener('focusin', onFocus)
  /** What the arrow keys go on to, or what a key of its own does as well, needs no stop of its own. */
  const standsIn = (one: HTMLElement): boolean => {
    if (one instanceof HTMLInputElement && one.type === 'radio')
      return wanted.some((other) => other instanceof HTMLInputElement && other.name === one.name && reached.has(other))
    if (one.tabIndex !== -1) return false
    const group = one.closest('[data-lane]')
    return (
      one.hasAttribute('aria-keyshortcuts') || (group !== null && [...reached].some((other) => group.contains(other)))
    )
  }
  Object.assign(window, {
    // Where there is one stop or none, there is nothing to come round to.
    cameRound: () => round || reached.size < 2,
    endWalk: async (): Promise<Reached> => {
      document.removeEventListener('focusin', onFocus)
      start.remove()
      // A tip of the stop before may not have closed yet when the tab key is pressed so quickly: looked at once more, in peace.
      const covered: string[] = []
      for (const one of suspects) {
        one.focus()
        for (let frames = 0; frames < 60 && document.activeElement === one && isCovered(one); frames++)
          await new Promise(requestAnimationFrame)
        if (one.isConnected && isCovered(one)) covered.push(name(one))
      }
      return {
        // What was painted anew meanwhile is another one.
        unreached: wanted.filter((one) => one.isConnected && !reached.has(one) && !standsIn(one)).map(name),
        ringless: [...found.ringless],
        covered,
        outside: [...found.outside],
        count: reached.size,
      }
    },
  })
  // The parts of a date are stops of their own.
  return wanted.length + 6 * wanted.filter((one) => one.matches('[type^="date"], [type="time"]')).length + 2
}

/** Targets of less than 24 by 24 pixels; a link in a sentence may be as high as its line (WCAG 2.5.8). */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const least = 23.5
    const controls =
      'a[href], button, input, select, textarea, summary, [role="button"], [role="checkbox"], [role="option"]'
    return (
      [...document.querySelectorAll<HTMLElement>(controls)]
        .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
        // What its label stands for: nobody presses it.
        .filter((one) => !one.matches('[aria-hidden="true"], [tabindex="-1"].unseen'))
        .filter((one) => {
          const inSentence =
            one.matches('a') &&
            getComputedStyle(one).display === 'inline' &&
            [...(one.parentElement?.childNodes ?? [])].some(
              (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? '').trim() !== '',
            )
          if (inSentence) return false
          const parts = [one, ...((one as HTMLInputElement).labels ?? [])].map((part) => part.getBoundingClientRect())
          const [own] = parts
          if (own === undefined || own.width === 0 || own.height === 0) return false
          return !parts.some(({ width, height }) => width >= least && height >= least)
        })
        .map((one) => {
          const { width, height } = one.getBoundingClientRect()
          return `${width.toFixed(0)}×${height.toFixed(0)} ${one.outerHTML.slice(0, 140)}`
        })
    )
  })
}

/** What sticks out of the screen sideways and cannot be reached by scrolling a table, or a text as it came, in itself. */
export function sidewaysFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth
    const faults: string[] = []
    if (document.documentElement.scrollWidth > width)
      faults.push(`the page is ${document.documentElement.scrollWidth} wide`)
    const scrollsItself = (one: Element | null): boolean => {
      for (let at = one; at !== null && at !== document.body; at = at.parentElement) {
        const { overflowX } = getComputedStyle(at)
        const scrolls = (overflowX === 'auto' || overflowX === 'scroll') && at.scrollWidth > at.clientWidth + 1
        if (scrolls) return at.matches('pre, textarea, [aria-label="Timeline"] *') || at.querySelector('table') !== null
      }
      return false
    }
    for (const one of document.body.querySelectorAll<HTMLElement>('*')) {
      if (
        !one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) ||
        one.closest('.unseen, svg') !== null
      )
        continue
      const { right, left, width: own } = one.getBoundingClientRect()
      const { overflowX } = getComputedStyle(one)
      const says = [...one.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? '').trim() !== '',
      )
      const line = () => `${left.toFixed(0)}–${right.toFixed(0)} ${one.outerHTML.slice(0, 120)}`
      if (
        (overflowX === 'auto' || overflowX === 'scroll') &&
        one.scrollWidth > one.clientWidth + 1 &&
        !scrollsItself(one)
      )
        faults.push(`scrolls sideways (${one.scrollWidth} in ${one.clientWidth}): ${line()}`)
      if (
        own > 0 &&
        (says || one.matches('button, input, select, textarea, img')) &&
        (right > width + 1 || left < -1) &&
        !scrollsItself(one)
      )
        faults.push(`sticks out: ${line()}`)
    }
    return faults
  })
}

/** What is wrong with the page as a whole: its language, its title, order of the tab key, landmarks, live regions. */
export function frameFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = []
    if (!/^[a-z]{2}/.test(document.documentElement.lang)) faults.push('no language')
    if (document.title.trim() === '') faults.push('no title')
    for (const one of document.querySelectorAll<HTMLElement>('[tabindex]'))
      if (one.tabIndex > 0) faults.push(`tabindex ${one.tabIndex}: ${one.outerHTML.slice(0, 120)}`)
    return faults
  })
}
