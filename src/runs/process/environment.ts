/**
 * The environment of a process that computes. glibc is told to ask for huge pages: most Linux systems give them only to who asks,
 * and in small ones the first steps of a large training take several times as long as the others. Elsewhere it means nothing.
 */
export function computingEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { GLIBC_TUNABLES: tunables = '' } = process.env;
  const asked = tunables.includes('glibc.malloc.hugetlb') ? [] : ['glibc.malloc.hugetlb=1'];
  const all = [tunables, ...asked].filter((part) => part !== '').join(':');
  return { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', GLIBC_TUNABLES: all, ...more };
}
