/**
 * A plugin of VS Code's TypeScript server: scripts may import `graftjs` in a workspace that has not installed it. The types
 * lie beside this file (tools/types.mjs puts them there). A graftjs that the workspace has installed comes first.
 */
import type ts from 'typescript/lib/tsserverlibrary';

const declaration = `${__dirname.replaceAll('\\', '/')}/types/graftjs.d.ts`;

function init({ typescript }: { typescript: typeof ts }): ts.server.PluginModule {
  const found: ts.ResolvedModuleFull = {
    resolvedFileName: declaration,
    extension: typescript.Extension.Dts,
    isExternalLibraryImport: true,
  };
  return {
    create({ languageService, languageServiceHost: host }) {
      const resolve = host.resolveModuleNameLiterals?.bind(host);
      if (resolve !== undefined) {
        host.resolveModuleNameLiterals = (literals, ...rest) =>
          resolve(literals, ...rest).map((resolution, index) =>
            literals[index]?.text === 'graftjs' && resolution.resolvedModule === undefined
              ? { resolvedModule: found }
              : resolution,
          );
      }
      return languageService;
    },
  };
}

export = init;
