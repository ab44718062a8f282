// The wire in a script.
import type { HostName } from '../../record/hosts.ts';
import type { InjectedFields } from '../../wire/inject.ts';
import type { WireSegment } from '../../wire/segment.ts';
import type { HostIdentity, WaitOptions } from './process.ts';

/** Which segments a rule is about: `carries('FIN')`, `sent('client', 'data')`, or a condition of one's own. */
export type SegmentPredicate = {
  /** Whether a segment is meant. */
  (segment: WireSegment): boolean;
  /** What the timeline calls such segments; a condition without it is named by its line in the script. */
  readonly description?: string;
};

/** How far a rule of the wire goes. */
export type Rule = {
  /** How many segments it applies to. Default: no limit. */
  times?: number;
  /** Only segments sent by this host. Default: of both. */
  from?: HostName;
};

/** What a middlebox does. */
export type NatOptions = {
  /** For how long it remembers a connection on which nothing moves, seconds: 350 in an AWS NLB, 240 in Azure. */
  idleSeconds: number;
  /** What the host is told that uses one it has forgotten. */
  then: 'silence' | 'reset';
};

/** The wire under the script's control. */
export type WireControl = {
  /**
   * Deliver nothing any more, in both directions or only what one host sends: neither TCP nor anything else, neither
   * what waited on the wire (delayed, held and now released) nor what the script puts there (`replay`, `inject`). It
   * wins over every rule.
   */
  cut(from?: HostName): Promise<void>;
  /** Undo every cut. */
  restore(): Promise<void>;
  /**
   * Take a host's only link down, or up again (ip-link(8)). While it is down its kernel has no route (connect() fails
   * with ENETUNREACH), and what the other host sends is lost. IPv4 addresses stay; the IPv6 address that `ipv6: true`
   * gave, the routes with their metrics and the permanent neighbours are there again when it comes up.
   */
  link(host: HostIdentity | HostName, state: 'down' | 'up'): Promise<void>;
  /** Lose the segments for which the predicate holds. The returned function ends the rule. */
  drop(predicate: SegmentPredicate, rule?: Rule): Promise<() => Promise<void>>;
  /** Hold such segments back until they are released. The returned function ends the rule (what is held stays held). */
  hold(predicate: SegmentPredicate, rule?: Rule): Promise<() => Promise<void>>;
  /** Deliver held segments: all in the order they came, or the given ones in the given order. */
  release(segments?: WireSegment[]): Promise<void>;
  /** The segments now held. */
  held(): WireSegment[];
  /**
   * Deliver every later segment (or those of one host, or those that fit) this many milliseconds late. It takes the
   * place of an earlier delay; 0 ends it.
   */
  delay(milliseconds: number, rule?: Rule & { predicate?: SegmentPredicate }): Promise<void>;
  /** Deliver such segments twice. */
  duplicate(predicate: SegmentPredicate, rule?: Rule): Promise<() => Promise<void>>;
  /**
   * Be a middlebox that keeps state, as NATs, firewalls and load balancers do: it forgets a connection on which nothing
   * has moved for `idleSeconds`. What comes of it afterwards is lost: in silence, or with a reset to the host that sent
   * it, as if from the other end. The returned function ends it.
   */
  nat(options: NatOptions): Promise<() => Promise<void>>;
  /** Deliver a copy of a segment seen earlier. */
  replay(segment: WireSegment): Promise<WireSegment>;
  /** Deliver a segment made from fields, with right checksums. Sequence numbers are relative to the connection's. */
  inject(fields: InjectedFields): Promise<WireSegment>;
  /** From now on deliver at once, without samples in between. */
  freeRun(): Promise<void>;
  /** Back to lockstep, the default. */
  lockstep(): Promise<void>;
  /** Wait until no segment has moved for this long (default 50 ms, longer than a delayed ACK). */
  quiet(milliseconds?: number): Promise<void>;
  /**
   * Wait for the next segment for which the predicate holds; resolves once it is delivered, dropped or held. Call it
   * before what sends it. Default timeout 30,000.
   */
  next(predicate: SegmentPredicate, options?: WaitOptions): Promise<WireSegment>;
  /** The segments seen so far, in order: those whose fate on the wire is decided. */
  seen(predicate?: SegmentPredicate): WireSegment[];
};
