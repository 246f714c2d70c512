package dev.quern.kernels.expr;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/**
 * An immutable list of expressions that knows its hash. Expressions are keys wherever subexpressions are shared; without this, each
 * look-up would walk the whole tree below, and expressions that share much are large as trees.
 */
final class Arguments extends AbstractList<Expr> implements RandomAccess {
    private final Expr[] expressions;
    private final int hash;

    Arguments(List<Expr> expressions) {
        this.expressions = List.copyOf(expressions).toArray(Expr[]::new);
        this.hash = super.hashCode();
    }

    @Override
    public Expr get(int index) {
        return expressions[index];
    }

    @Override
    public int size() {
        return expressions.length;
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public boolean equals(Object other) {
        return this == other || !(other instanceof Arguments arguments && arguments.hash != hash) && super.equals(other);
    }
}
