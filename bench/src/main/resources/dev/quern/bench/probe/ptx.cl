// Purpose: one PTX instruction a definition (TRY), to find out whether a compiler takes it inline; and, with TRY of 1 to 3, the most
// that the matrix units do through mma.sync.
//
//   TRY  1 mma.sync f16    2 mma.sync bf16    3 mma.sync tf32    4 ldmatrix    5 cp.async    6 shfl.sync
//
// Each of a group's warps multiplies tiles that stay in its registers, in four independent chains of `rounds` products; the sums
// are written, so that nothing is dropped. Requirements: groups of a multiple of 32 work-items; sums of one float a work-item; for 4
// and 5, 4 KiB of them. Determinism: each sum has one order.

#if TRY == 1
#define PRODUCT(d0, d1, d2, d3) asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 " \
        "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};" \
        : "+f"(d0), "+f"(d1), "+f"(d2), "+f"(d3) : "r"(a), "r"(a), "r"(a), "r"(a), "r"(b), "r"(b))
#elif TRY == 2
#define PRODUCT(d0, d1, d2, d3) asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 " \
        "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};" \
        : "+f"(d0), "+f"(d1), "+f"(d2), "+f"(d3) : "r"(a), "r"(a), "r"(a), "r"(a), "r"(b), "r"(b))
#elif TRY == 3
#define PRODUCT(d0, d1, d2, d3) asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 " \
        "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};" \
        : "+f"(d0), "+f"(d1), "+f"(d2), "+f"(d3) : "r"(a), "r"(a), "r"(a), "r"(a), "r"(b), "r"(b))
#endif

Q_KERNEL void probe(Q_GLOBAL float* Q_RESTRICT sums, const int rounds, const int a, const int b) {
#if TRY <= 3
    float s[16];
    for (int i = 0; i < 16; i++) {
        s[i] = i;
    }
    for (int i = 0; i < rounds; i++) {
        PRODUCT(s[0], s[1], s[2], s[3]);
        PRODUCT(s[4], s[5], s[6], s[7]);
        PRODUCT(s[8], s[9], s[10], s[11]);
        PRODUCT(s[12], s[13], s[14], s[15]);
    }
    float sum = 0.0f;
    for (int i = 0; i < 16; i++) {
        sum += s[i];
    }
    sums[Q_GLOBAL_ID(0)] = sum;
#elif TRY == 4
    Q_LOCAL float tile[1024];
    tile[Q_LOCAL_ID(0)] = a;
    Q_LOCAL_BARRIER();
    int w, x, y, z;
    asm volatile("{ .reg .u64 s; cvta.to.shared.u64 s, %4; ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [s]; }"
            : "=r"(w), "=r"(x), "=r"(y), "=r"(z) : "l"(&tile[Q_LOCAL_ID(0) * 4]));
    sums[Q_GLOBAL_ID(0)] = w + x + y + z + rounds + b;
#elif TRY == 5
    Q_LOCAL float tile[1024];
    asm volatile("{ .reg .u64 s; cvta.to.shared.u64 s, %0; cp.async.ca.shared.global [s], [%1], 16; }"
            :: "l"(&tile[Q_LOCAL_ID(0) * 4]), "l"(&sums[Q_LOCAL_ID(0) * 4]));
    asm volatile("cp.async.commit_group;");
    asm volatile("cp.async.wait_group 0;");
    Q_LOCAL_BARRIER();
    sums[Q_GLOBAL_ID(0)] = tile[Q_LOCAL_ID(0)] + rounds + a + b;
#else
    int lane = (int) Q_LOCAL_ID(0);
    asm volatile("shfl.sync.bfly.b32 %0, %0, 16, 0x1f, 0xffffffff;" : "+r"(lane));
    sums[Q_GLOBAL_ID(0)] = lane + rounds + a + b;
#endif
}
