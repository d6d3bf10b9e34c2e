import { useEffect, useState } from 'preact/hooks';

import { ask } from '../host.js';
import { text } from '../strings.js';
import { Button } from '../ui/index.js';
import { droppedFiles, readFiles, type Dropped } from './dropped.js';
import type { Trying } from './trying.js';

/** Where pictures are dropped, pasted or chosen. */
export function TryPictures({ trusted, wait, show }: Trying) {
  const [over, setOver] = useState(false);
  const look = async ({ files, addresses }: Dropped) => {
    if (files.length === 0 && addresses.length === 0) {
      show([{ file: '', error: text.noPicture }]);
      return;
    }
    const { portions, problems } = await readFiles(files);
    show(problems);
    for (const pictures of portions) wait(ask('try', { pictures, files: [] }));
    if (addresses.length > 0) wait(ask('try', { pictures: [], files: addresses }));
  };
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      if (trusted) void look(droppedFiles(event.clipboardData));
    };
    addEventListener('paste', onPaste);
    return () => {
      removeEventListener('paste', onPaste);
    };
  }, [trusted]);
  return (
    <div
      class={`drop${over ? ' over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(trusted);
      }}
      onDragLeave={() => {
        setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (trusted) void look(droppedFiles(event.dataTransfer));
      }}
    >
      <p>{text.tryHelp}</p>
      <p class="dim">{text.tryShift}</p>
      <Button
        primary
        disabled={!trusted}
        title={trusted ? '' : text.untrusted}
        onClick={() => {
          wait(ask('chooseExamples', {}));
        }}
      >
        {text.choosePictures}
      </Button>
    </div>
  );
}
