import { useState } from 'react'
import { Button } from '../../widgets/controls/button.tsx'
import { Buttons } from '../../widgets/controls/dialog.tsx'
import { Differences } from './differences.tsx'
import css from './policy.module.css'

/** The file was changed elsewhere while somebody was writing: both are shown, and nothing is lost. */
export function Conflict({
  mine,
  theirs,
  onMine,
  onTheirs,
}: {
  mine: string
  theirs: string
  onMine: () => void
  onTheirs: () => void
}) {
  const [open, setOpen] = useState(true)
  return (
    <section className={css.conflict} aria-label="The file was changed elsewhere" role="alert">
      <h2>The file was changed elsewhere since you began</h2>
      <p className="dim">
        Lines with − stand in the file now, those with + in your text. Take over in the editor what you need of the
        file, then go on with your text; or take the file and lose yours.
      </p>
      {open && <Differences before={theirs} after={mine} />}
      <Buttons>
        <Button kind="main" onClick={onMine}>
          Go on with my text
        </Button>
        <Button onClick={onTheirs}>Take the file</Button>
        <Button kind="quiet" onClick={() => setOpen(!open)}>
          {open ? 'Hide the differences' : 'Show the differences'}
        </Button>
      </Buttons>
    </section>
  )
}
