import { useState } from 'react'
import { Button } from './button.tsx'
import css from './controls.module.css'

/** Text to be taken elsewhere: a key, a link, a piece of configuration. */
export function CopyBlock({ label, text }: { label: string; text: string }) {
  const [said, setSaid] = useState('')
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied'),
      // Without permission (or over plain http) the browser does not let us; the text is there to be selected.
      () => setSaid('Select the text and copy it'),
    )
  }
  return (
    <div className={css.copy}>
      <div className={css.copyHead}>
        <span className="caps">{label}</span>
        <span className="dim" aria-live="polite">
          {said}
        </span>
        <Button onClick={copy} aria-label={`Copy ${label}`}>
          Copy
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <pre className={css.pre} tabIndex={0}>
        {text}
      </pre>
    </div>
  )
}
