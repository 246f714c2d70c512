package dev.quern.runtime;

/**
 * How many work-groups (thread blocks) a launch has and how large each is. The global size is always a multiple of the
 * local size; kernels guard their own edges.
 *
 * @param groupsX groups along x, at least 1
 * @param groupsY groups along y, at least 1
 * @param groupsZ groups along z, at least 1
 * @param localX  work-items a group along x
 * @param localY  work-items a group along y
 * @param localZ  work-items a group along z
 */
public record Grid(long groupsX, long groupsY, long groupsZ, int localX, int localY, int localZ) {
    public Grid {
        if (groupsX < 1 || groupsY < 1 || groupsZ < 1 || localX < 1 || localY < 1 || localZ < 1) {
            throw new IllegalArgumentException("grid " + groupsX + "x" + groupsY + "x" + groupsZ + " groups of "
                    + localX + "x" + localY + "x" + localZ + ": every extent must be at least 1");
        }
    }

    /** A one-dimensional grid of groups with one work-item each: one work-item owns one tile. */
    public static Grid ofTiles(long groups) {
        return new Grid(groups, 1, 1, 1, 1, 1);
    }

    /** A two-dimensional grid of groups with one work-item each. */
    public static Grid ofTiles(long groupsX, long groupsY) {
        return new Grid(groupsX, groupsY, 1, 1, 1, 1);
    }

    /** A three-dimensional grid of groups with one work-item each. */
    public static Grid ofTiles(long groupsX, long groupsY, long groupsZ) {
        return new Grid(groupsX, groupsY, groupsZ, 1, 1, 1);
    }

    /** Enough one-dimensional groups of {@code local} work-items to cover {@code items}. */
    public static Grid covering(long items, int local) {
        return new Grid(Math.max(1, Math.ceilDiv(items, (long) local)), 1, 1, local, 1, 1);
    }

    /** The number of groups. Group (x, y, z) has the linear number (z * groupsY + y) * groupsX + x. */
    public long groups() {
        return groupsX * groupsY * groupsZ;
    }

    /** Work-items in a group. */
    public long local() {
        return (long) localX * localY * localZ;
    }
}
