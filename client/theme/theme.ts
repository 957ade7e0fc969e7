export type ThemeChoice = 'dark' | 'light' | 'system'
const place = 'uxbridge.theme'

/** What this person chose on this machine. Dark unless they said otherwise: an operations room is dark. */
export function readTheme(): ThemeChoice {
  const kept = storage()?.getItem(place)
  return kept === 'light' || kept === 'system' ? kept : 'dark'
}

export function setTheme(choice: ThemeChoice): void {
  storage()?.setItem(place, choice)
  applyTheme()
}

export function applyTheme(): void {
  const choice = readTheme()
  const light = choice === 'light' || (choice === 'system' && matchMedia('(prefers-color-scheme: light)').matches)
  document.documentElement.dataset.theme = light ? 'light' : 'dark'
}

/** Null where the browser forbids it. */
function storage(): Storage | null {
  try {
    return window.localStorage
  } catch {
    return null
  }
}
