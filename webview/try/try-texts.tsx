import { useState } from 'preact/hooks';

import { longestTried } from '../../src/protocol/index.js';
import { ask } from '../host.js';
import { text } from '../strings.js';
import { Button, TextArea } from '../ui/index.js';
import type { Trying } from './trying.js';

/** Where a text is typed or pasted, or files of texts are chosen. What was typed stays, to be changed and asked about again. */
export function TryTexts({ trusted, wait }: Trying) {
  const [content, setContent] = useState('');
  const can = trusted && content.trim() !== '';
  const title = trusted ? '' : text.untrusted;
  const predict = () => {
    if (can) wait(ask('tryTexts', { texts: [content] }));
  };
  return (
    <div class="typed">
      <TextArea
        label={text.tryText}
        help={text.tryTextHelp}
        value={content}
        longest={longestTried}
        onInput={setContent}
        onSubmit={predict}
      />
      <div class="row">
        <Button primary disabled={!can} title={title} onClick={predict}>
          {text.predict}
        </Button>
        <Button
          disabled={!trusted}
          title={title}
          onClick={() => {
            wait(ask('chooseExamples', {}));
          }}
        >
          {text.chooseTexts}
        </Button>
      </div>
    </div>
  );
}
