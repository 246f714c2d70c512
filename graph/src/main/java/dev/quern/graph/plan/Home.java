package dev.quern.graph.plan;

/** Where the bytes of a stored value are. */
sealed interface Home {
    /** A tensor of the state. */
    record InState(String path) implements Home {
    }

    /** The block that the host fills in before each step. */
    record InInputs(long offset) implements Home {
    }

    /** A slot of the outputs' memory, which keeps its contents until the next step. */
    record InOutputs(int slot) implements Home {
    }

    /** A slot of the temporaries' memory, which other values use at other times. */
    record InTemporaries(int slot) implements Home {
    }
}
