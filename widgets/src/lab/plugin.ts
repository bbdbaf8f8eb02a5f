// JupyterLab and Notebook 7: the output of a panel is its static twin until something live can take its place.
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import css from '../../../ftkit/panels/static/panel.css';
import { MIME } from '../contract';
import { PanelRenderer, type Keep } from './renderer';

const BEFORE_WIDGETS = -20; // the widget manager's rank is -10

function factory(rendermime: IRenderMimeRegistry, keep: Keep): IRenderMime.IRendererFactory {
  return { safe: true, mimeTypes: [MIME], createRenderer: () => new PanelRenderer(rendermime, keep) };
}

// A model that changes by itself is not saved: the notebook keeps what its list of outputs was told.
function keeper(panel: any): Keep {
  return (model, data) => {
    for (const cell of panel.content.widgets) {
      const outputs = cell.model.outputs;
      for (let at = 0; at < (outputs?.length ?? 0); at++) {
        if (outputs.get(at) === model) return outputs.set(at, { ...outputs.get(at).toJSON(), data });
      }
    }
  };
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'ftkit:panels',
  description: 'Shows panels of ftkit: by their static twin, live where they can be.',
  autoStart: true,
  activate: (app: JupyterFrontEnd) => {
    const style = document.createElement('style');
    style.textContent = css;
    document.head.append(style);
    app.docRegistry.addWidgetExtension('Notebook', {
      createNew: (panel: any) => {
        const rendermime: IRenderMimeRegistry = panel.content.rendermime;
        rendermime.addFactory(factory(rendermime, keeper(panel)), BEFORE_WIDGETS);
      },
    });
  },
};

export default plugin;
