package dev.quern.bench.suite;

import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.measure.Contestant;

/**
 * Work that a case is held against.
 *
 * @param contestant does it
 * @param flops      its floating-point operations
 * @param bound      what it is
 */
public record Yardstick(Contestant contestant, double flops, Ceilings.Bound bound) {
    /** The roof over so many operations if they ran at the rate of this work, which took so long. */
    Ceilings.Roof roof(double operations, double millis) {
        return new Ceilings.Roof(bound, operations / flops * millis * 1e-3);
    }
}
