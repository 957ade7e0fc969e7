import type { Labels, Link } from './event.ts'
import { labelOf } from './matchers.ts'

/** A place where more can be seen: `{label}` in its address stands for that label of the alert. */
export interface LinkTemplate {
  text: string
  url: string
}

/**
 * Where more about an alert can be seen, by the templates of its service. Values are encoded, so that what a sender writes
 * can lead nowhere else; a link whose labels the alert does not have is left out.
 */
export function linksFor(templates: readonly LinkTemplate[], labels: Labels): Link[] {
  return templates.flatMap(({ text, url }) => {
    let whole = true
    const href = url.replaceAll(placeholder, (_, name: string) => {
      const value = labelOf(labels, name)
      whole &&= value !== ''
      return encodeURIComponent(value.toWellFormed())
    })
    return whole ? [{ text, href }] : []
  })
}

const placeholder = /\{([a-zA-Z_][a-zA-Z0-9_.-]*)\}/g

/**
 * The machine that an alert is about: by the label that says so, else the address that was asked for metrics, without its
 * port. A URL is no machine.
 * @returns the empty string where nothing says
 */
export function hostOf(labels: Labels): string {
  const named = labelOf(labels, 'host') || labelOf(labels, 'node') || labelOf(labels, 'hostname')
  if (named !== '') return named
  return /^(\[[0-9a-fA-F:]+\]|[^:/\s]+)(:\d+)?$/.exec(labelOf(labels, 'instance'))?.[1] ?? ''
}
