package dev.quern.bench.measure;

/**
 * How long to measure.
 *
 * @param leastRounds blocks that each contestant gets
 * @param mostRounds  blocks after which measuring ends, however wide the interval of the median
 * @param halfWidth   half the relative width of that interval which is narrow enough to end before
 * @param blockMillis how long a block should last
 * @param mostRuns    the most runs in a block
 * @param warmMillis  how long warming up may last for each contestant
 * @param restMillis  the pause between blocks where several processes take turns. OpenBLAS's threads spin for about
 *                    100 ms after a call and would steal a core from whoever comes next
 */
public record Schedule(int leastRounds, int mostRounds, double halfWidth, int blockMillis, int mostRuns, int warmMillis,
        int restMillis) {
    /** Three to eight blocks of a fifth of a second, until the median is known to 1 %: as reports need them. */
    public static Schedule standard() {
        return new Schedule(3, 8, 0.01, 200, 200, 2000, 300);
    }

    /** Two short blocks, for a first look. Warming up is not as short: peers that run in a virtual machine take a second for it. */
    public static Schedule quick() {
        return new Schedule(2, 2, 0.05, 60, 50, 1000, 300);
    }
}
