// Purpose: sums and maxima over a work-group of GROUP work-items, a power of two, through a tree in local memory.
// Every work-item must come here. The result is the same in all of them, and the memory may be used again at once.
// Determinism: the tree is fixed.

Q_DEVICE float group_sum(float value, Q_LOCAL_POINTER float* tree) {
    const int item = (int)Q_LOCAL_ID(0);
    tree[item] = value;
    Q_LOCAL_BARRIER();
    for (int width = GROUP / 2; width > 0; width /= 2) {
        if (item < width) {
            tree[item] += tree[item + width];
        }
        Q_LOCAL_BARRIER();
    }
    const float result = tree[0];
    Q_LOCAL_BARRIER();
    return result;
}

Q_DEVICE float group_max(float value, Q_LOCAL_POINTER float* tree) {
    const int item = (int)Q_LOCAL_ID(0);
    tree[item] = value;
    Q_LOCAL_BARRIER();
    for (int width = GROUP / 2; width > 0; width /= 2) {
        if (item < width) {
            tree[item] = Q_MAX(tree[item], tree[item + width]);
        }
        Q_LOCAL_BARRIER();
    }
    const float result = tree[0];
    Q_LOCAL_BARRIER();
    return result;
}
