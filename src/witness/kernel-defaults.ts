// What a network namespace has where nobody has changed anything, of all that changes how TCP behaves in experiments
// like these. A new namespace inherits some settings of the machine (congestion control, buffer sizes); a report names
// those that are not as here. Source: Documentation/networking/ip-sysctl.rst and what tcp_sk_init() sets
// (net/ipv4/tcp_ipv4.c, Linux 6.18). Where kernels differ the values of all are listed, the newest first. Left out is
// what follows from the size of memory: tcp_mem, tcp_max_orphans, tcp_max_tw_buckets, tcp_max_syn_backlog, the largest
// of tcp_rmem and tcp_wmem.

export const kernelDefaults: Record<string, string | string[]> = {
  'net.ipv4.tcp_congestion_control': 'cubic', // CONFIG_DEFAULT_TCP_CONG, as the kernel's own Kconfig has it
  // Retransmission and giving up
  'net.ipv4.tcp_syn_retries': '6',
  'net.ipv4.tcp_syn_linear_timeouts': '4',
  'net.ipv4.tcp_synack_retries': '5',
  'net.ipv4.tcp_retries1': '3',
  'net.ipv4.tcp_retries2': '15',
  'net.ipv4.tcp_orphan_retries': '0', // which stands for 8 (tcp_orphan_retries(), net/ipv4/tcp_timer.c)
  'net.ipv4.tcp_rto_min_us': '200000',
  'net.ipv4.tcp_rto_max_ms': '120000',
  'net.ipv4.tcp_thin_linear_timeouts': '0',
  'net.ipv4.tcp_early_retrans': '3',
  'net.ipv4.tcp_recovery': '1',
  'net.ipv4.tcp_frto': '2',
  'net.ipv4.tcp_reordering': '3',
  'net.ipv4.tcp_max_reordering': '300',
  'net.ipv4.tcp_no_metrics_save': '0',
  // Times of states
  'net.ipv4.tcp_fin_timeout': '60',
  'net.ipv4.tcp_keepalive_time': '7200',
  'net.ipv4.tcp_keepalive_intvl': '75',
  'net.ipv4.tcp_keepalive_probes': '9',
  'net.ipv4.tcp_tw_reuse': '2',
  'net.ipv4.tcp_rfc1337': '0',
  // What segments look like and what answers them
  'net.ipv4.tcp_timestamps': '1',
  'net.ipv4.tcp_sack': '1',
  'net.ipv4.tcp_dsack': '1',
  'net.ipv4.tcp_window_scaling': '1',
  'net.ipv4.tcp_ecn': '2',
  'net.ipv4.tcp_fastopen': '1',
  'net.ipv4.tcp_mtu_probing': '0',
  'net.ipv4.tcp_min_snd_mss': '48',
  'net.ipv4.tcp_stdurg': '0',
  'net.ipv4.tcp_challenge_ack_limit': ['2147483647', '1000'],
  'net.ipv4.tcp_invalid_ratelimit': '500',
  'net.ipv4.tcp_comp_sack_delay_ns': '1000000',
  'net.ipv4.tcp_comp_sack_nr': '44',
  'net.ipv4.tcp_pingpong_thresh': ['1', '3'],
  // Queues, buffers, windows
  'net.ipv4.tcp_syncookies': '1',
  'net.ipv4.tcp_abort_on_overflow': '0',
  'net.ipv4.tcp_migrate_req': '0',
  'net.ipv4.tcp_moderate_rcvbuf': '1',
  'net.ipv4.tcp_adv_win_scale': '1',
  'net.ipv4.tcp_app_win': '31',
  'net.ipv4.tcp_shrink_window': '0',
  'net.ipv4.tcp_slow_start_after_idle': '1',
  'net.ipv4.tcp_autocorking': '1',
  'net.ipv4.tcp_notsent_lowat': '4294967295',
  'net.ipv4.tcp_limit_output_bytes': ['4194304', '1048576'],
  'net.core.somaxconn': '4096',
  'net.core.rmem_default': '212992',
  'net.core.wmem_default': '212992',
  'net.core.rmem_max': ['4194304', '212992'],
  'net.core.wmem_max': ['4194304', '212992'],
};

/** The default a value should have had; undefined where it has it. */
export const differsFrom = (name: string, value: string): string | undefined => {
  const usual = [kernelDefaults[name] ?? value].flat();
  return usual.includes(value) ? undefined : usual[0];
};
