package dev.quern.bench.suite;

import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.measure.Contestant;

/**
 * Work that a case is held against, in turns with it.
 *
 * @param contestant does it
 * @param amount     its floating-point operations where the bound counts those, its bytes otherwise
 * @param bound      what it is
 */
public record Yardstick(Contestant contestant, double amount, Ceilings.Bound bound) {
    /** The roof over a case if it ran at the rate of this work, which took so long. */
    Ceilings.Roof roof(Bout bout, double millis) {
        return new Ceilings.Roof(bound, (bound.counting() ? bout.flops() : bout.bytes()) / amount * millis * 1e-3);
    }
}
