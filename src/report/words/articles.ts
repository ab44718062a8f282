// The five articles, and which statements are whose: the first letter of a finding's id tells.
export const articles = [
  {
    letter: 'A',
    name: 'connection-states',
    title: 'TCP三次握手和四次断连深入分析:连接状态与关系',
    subject: 'connection states and socket calls',
  },
  {
    letter: 'B',
    name: 'close-variants',
    title: 'TCP四次挥手不同情况的研究(正常状态,三次挥手,以及CLOSING和RST)',
    subject: 'the four-way close and its variants',
  },
  {
    letter: 'C',
    name: 'disconnect-experiments',
    title: '四个实验,彻底搞懂TCP连接的断开',
    subject: 'four experiments on how a connection ends',
  },
  {
    letter: 'D',
    name: 'establish-and-release',
    title: 'TCP连接建立与释放',
    subject: 'opening, releasing, TIME-WAIT, WebSocket',
  },
  {
    letter: 'E',
    name: 'tcpdump-observation',
    title: '使用tcpdump观察TCP连接的建立和关闭',
    subject: 'watching open and close with tcpdump',
  },
] as const;

/** `A2` before `A10`. */
export const byId = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
