/* The rest of this file is the same for every region: it runs the launches above, compares and times. */

typedef struct cl_platform *cl_platform_id;
typedef struct cl_device *cl_device_id;
typedef struct cl_object *cl_object;
typedef int cl_int;
typedef unsigned int cl_uint;
typedef unsigned long long cl_ulong;

/* The few OpenCL entry points that are needed, found at run time: neither headers nor a link library have to be installed. */
static cl_int (*clGetPlatformIDs)(cl_uint, cl_platform_id *, cl_uint *);
static cl_int (*clGetDeviceIDs)(cl_platform_id, cl_ulong, cl_uint, cl_device_id *, cl_uint *);
static cl_int (*clGetDeviceInfo)(cl_device_id, cl_uint, size_t, void *, size_t *);
static cl_object (*clCreateContext)(const void *, cl_uint, const cl_device_id *, void *, void *, cl_int *);
static cl_object (*clCreateCommandQueue)(cl_object, cl_device_id, cl_ulong, cl_int *);
static cl_object (*clCreateBuffer)(cl_object, cl_ulong, size_t, void *, cl_int *);
static cl_int (*clEnqueueWriteBuffer)(cl_object, cl_object, cl_uint, size_t, size_t, const void *, cl_uint, const void *, void *);
static cl_int (*clEnqueueReadBuffer)(cl_object, cl_object, cl_uint, size_t, size_t, void *, cl_uint, const void *, void *);
static cl_object (*clCreateProgramWithSource)(cl_object, cl_uint, const char **, const size_t *, cl_int *);
static cl_int (*clBuildProgram)(cl_object, cl_uint, const cl_device_id *, const char *, void *, void *);
static cl_int (*clGetProgramBuildInfo)(cl_object, cl_device_id, cl_uint, size_t, void *, size_t *);
static cl_object (*clCreateKernel)(cl_object, const char *, cl_int *);
static cl_int (*clSetKernelArg)(cl_object, cl_uint, size_t, const void *);
static cl_int (*clEnqueueNDRangeKernel)(cl_object, cl_object, cl_uint, const size_t *, const size_t *, const size_t *, cl_uint,
                                        const void *, cl_object *);
static cl_int (*clFinish)(cl_object);
static cl_int (*clGetEventProfilingInfo)(cl_object, cl_uint, size_t, void *, size_t *);
static cl_int (*clReleaseEvent)(cl_object);

enum {
  DEVICE_NAME = 0x102B, QUEUE_PROFILING = 2, MEM_READ_WRITE = 1, BUILD_LOG = 0x1183,
  COMMAND_START = 0x1282, COMMAND_END = 0x1283
};

static void fail(const char *what, const char *detail) {
  fprintf(stderr, "%s%s%s\n", what, *detail ? ": " : "", detail);
  exit(2);
}

static void check(cl_int status, const char *what) {
  if (status != 0) {
    char code[32];
    snprintf(code, sizeof code, "OpenCL error %d", status);
    fail(what, code);
  }
}

static void load_entry(void *library, const char *name, void **entry) {
  *entry = dlsym(library, name);
  if (*entry == NULL) {
    fail("the OpenCL loader lacks", name);
  }
}

static void load_opencl(void) {
  const char *names[] = {"libOpenCL.so.1", "libOpenCL.so", "/System/Library/Frameworks/OpenCL.framework/OpenCL"};
  void *library = NULL;
  for (size_t i = 0; library == NULL && i < sizeof names / sizeof *names; i++) {
    library = dlopen(names[i], RTLD_NOW);
  }
  if (library == NULL) {
    fail("no OpenCL loader (libOpenCL.so.1) is installed", "");
  }
#define ENTRY(name) load_entry(library, #name, (void **)&name)
  ENTRY(clGetPlatformIDs); ENTRY(clGetDeviceIDs); ENTRY(clGetDeviceInfo); ENTRY(clCreateContext);
  ENTRY(clCreateCommandQueue); ENTRY(clCreateBuffer); ENTRY(clEnqueueWriteBuffer); ENTRY(clEnqueueReadBuffer);
  ENTRY(clCreateProgramWithSource); ENTRY(clBuildProgram); ENTRY(clGetProgramBuildInfo); ENTRY(clCreateKernel);
  ENTRY(clSetKernelArg); ENTRY(clEnqueueNDRangeKernel); ENTRY(clFinish); ENTRY(clGetEventProfilingInfo); ENTRY(clReleaseEvent);
}

/* The device of the extraction if it is there, else the first; a part of a name as the argument chooses another. */
static cl_device_id choose_device(const char *wanted, char *name, size_t length) {
  cl_platform_id platforms[16];
  cl_uint count = 0;
  cl_device_id first = NULL;
  check(clGetPlatformIDs(16, platforms, &count), "listing OpenCL platforms");
  for (cl_uint p = 0; p < count && p < 16; p++) {
    cl_device_id devices[16];
    cl_uint found = 0;
    if (clGetDeviceIDs(platforms[p], 0xFFFFFFFFULL, 16, devices, &found) != 0) {
      continue;
    }
    for (cl_uint d = 0; d < found && d < 16; d++) {
      check(clGetDeviceInfo(devices[d], DEVICE_NAME, length, name, NULL), "asking for a device's name");
      if (strstr(name, wanted) != NULL) {
        return devices[d];
      }
      first = first == NULL ? devices[d] : first;
    }
  }
  if (first == NULL) {
    fail("no OpenCL device is there", "");
  }
  check(clGetDeviceInfo(first, DEVICE_NAME, length, name, NULL), "asking for a device's name");
  fprintf(stderr, "no device is named %s; %s it is\n", wanted, name);
  return first;
}

static char *read_file(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    fail("cannot read (run this where its files are)", path);
  }
  fseek(file, 0, SEEK_END);
  *bytes = (size_t)ftell(file);
  rewind(file);
  char *content = malloc(*bytes + 1);
  if (content == NULL || fread(content, 1, *bytes, file) != *bytes) {
    fail("cannot read", path);
  }
  content[*bytes] = 0;
  fclose(file);
  return content;
}

static int by_size(const void *one, const void *other) {
  double a = *(const double *)one, b = *(const double *)other;
  return (a > b) - (a < b);
}

/* 1 if the values are what they were in the model's step; other types than floats must be equal bit for bit. */
static int compare(const struct output *o, const char *actual, const char *expected) {
  if (!o->floats) {
    size_t different = 0;
    for (size_t i = 0; i < o->bytes; i++) {
      different += actual[i] != expected[i];
    }
    printf("%-40s %s (%zu of %zu bytes differ)\n", o->name, different ? "WRONG" : "right", different, o->bytes);
    return different == 0;
  }
  const float *a = (const float *)actual, *e = (const float *)expected;
  size_t count = o->bytes / sizeof(float), at = 0;
  double squares = 0, size = 0, largest = -1;
  for (size_t i = 0; i < count; i++) {
    double d = fabs((double)a[i] - e[i]);
    if (memcmp(&a[i], &e[i], sizeof(float)) == 0 || (isnan(a[i]) && isnan(e[i]))) {
      d = 0;
    } else if (!(d < INFINITY)) {
      d = INFINITY;
    }
    squares += d * d;
    size += isfinite(e[i]) ? (double)e[i] * e[i] : 0;
    if (d > largest) {
      largest = d;
      at = i;
    }
  }
  double relative = squares == 0 ? 0 : sqrt(squares / size);
  int right = relative <= TOLERANCE;
  printf("%-40s %s: relative error %.1e, largest difference %.3g at element %zu (%.9g, expected %.9g)%s\n", o->name,
         right ? "right" : "WRONG", relative, largest, at, (double)a[at], (double)e[at],
         memcmp(actual, expected, o->bytes) == 0 ? ", bitwise equal" : "");
  return right;
}

int main(int argc, char **argv) {
  const char *wanted = argc > 1 ? argv[1] : DEVICE;
  int runs = argc > 2 ? atoi(argv[2]) : 50;
  if (runs < 1) {
    fail("usage: run [PART OF A DEVICE'S NAME] [RUNS]", "");
  }
  char name[256];
  load_opencl();
  cl_device_id device = choose_device(wanted, name, sizeof name);
  cl_int status;
  cl_object context = clCreateContext(NULL, 1, &device, NULL, NULL, &status);
  check(status, "making a context");
  cl_object queue = clCreateCommandQueue(context, device, QUEUE_PROFILING, &status);
  check(status, "making a queue");

  cl_object buffers[BUFFERS];
  char *contents[BUFFERS];
  for (int i = 0; i < BUFFERS; i++) {
    size_t bytes;
    buffers[i] = clCreateBuffer(context, MEM_READ_WRITE, BUFFER[i].bytes, NULL, &status);
    check(status, "allocating a buffer");
    if (BUFFER[i].file == NULL) {
      continue;
    }
    contents[i] = read_file(BUFFER[i].file, &bytes);
    if (bytes != BUFFER[i].bytes) {
      fail("has another length than the manifest says", BUFFER[i].file);
    }
    check(clEnqueueWriteBuffer(queue, buffers[i], 1, 0, bytes, contents[i], 0, NULL, NULL), "writing a buffer");
  }

  cl_object kernels[LAUNCHES];
  for (int i = 0; i < LAUNCHES; i++) {
    size_t bytes;
    const char *source = read_file(LAUNCH[i].file, &bytes);
    cl_object program = clCreateProgramWithSource(context, 1, &source, NULL, &status);
    check(status, "making a program");
    if (clBuildProgram(program, 1, &device, OPTIONS, NULL, NULL) != 0) {
      static char log[1 << 16];
      clGetProgramBuildInfo(program, device, BUILD_LOG, sizeof log - 1, log, NULL);
      fail(LAUNCH[i].file, log);
    }
    kernels[i] = clCreateKernel(program, LAUNCH[i].entry, &status);
    check(status, LAUNCH[i].entry);
    for (int k = 0; k < LAUNCH[i].arguments; k++) {
      const struct argument *a = &LAUNCH[i].argument[k];
      switch (a->kind) {
        case 'b': check(clSetKernelArg(kernels[i], k, sizeof(cl_object), &buffers[a->number]), "setting an argument"); break;
        case 'i': { int value = (int)a->number; check(clSetKernelArg(kernels[i], k, sizeof value, &value), "setting an argument"); break; }
        case 'l': { long long value = a->number; check(clSetKernelArg(kernels[i], k, sizeof value, &value), "setting an argument"); break; }
        default: { float value = a->real; check(clSetKernelArg(kernels[i], k, sizeof value, &value), "setting an argument"); break; }
      }
    }
  }

  double *micros = malloc(sizeof(double) * (size_t)runs);
  int right = 1;
  for (int run = -3; run < runs; run++) {
    for (int i = 0; i < BUFFERS; i++) {
      if (BUFFER[i].restored) {
        check(clEnqueueWriteBuffer(queue, buffers[i], 1, 0, BUFFER[i].bytes, contents[i], 0, NULL, NULL), "writing a buffer");
      }
    }
    cl_object events[LAUNCHES];
    for (int i = 0; i < LAUNCHES; i++) {
      size_t global[3];
      for (int axis = 0; axis < 3; axis++) {
        global[axis] = LAUNCH[i].groups[axis] * LAUNCH[i].group[axis];
      }
      check(clEnqueueNDRangeKernel(queue, kernels[i], 3, NULL, global, LAUNCH[i].group, 0, NULL, &events[i]), LAUNCH[i].entry);
    }
    check(clFinish(queue), "running");
    double sum = 0;
    for (int i = 0; i < LAUNCHES; i++) {
      cl_ulong start = 0, end = 0;
      check(clGetEventProfilingInfo(events[i], COMMAND_START, sizeof start, &start, NULL), "timing");
      check(clGetEventProfilingInfo(events[i], COMMAND_END, sizeof end, &end, NULL), "timing");
      clReleaseEvent(events[i]);
      sum += (double)(end - start) * 1e-3;
    }
    if (run == -3) {
      /* Right before quick: the first run is compared, the next two warm up. */
      for (int i = 0; i < OUTPUTS; i++) {
        size_t bytes;
        char *expected = read_file(OUTPUT[i].file, &bytes);
        char *actual = malloc(OUTPUT[i].bytes);
        check(clEnqueueReadBuffer(queue, buffers[OUTPUT[i].buffer], 1, 0, OUTPUT[i].bytes, actual, 0, NULL, NULL), "reading a buffer");
        right &= compare(&OUTPUT[i], actual, expected);
        free(actual);
        free(expected);
      }
      if (!right) {
        printf("%s on %s: wrong, so not timed\n", REGION, name);
        return 1;
      }
    }
    if (run >= 0) {
      micros[run] = sum;
    }
  }
  qsort(micros, (size_t)runs, sizeof *micros, by_size);
  double median = micros[runs / 2];
  printf("%s on %s: median %.2f us, least %.2f us, %d runs (device clock); %.2f GFLOP/s, %.2f GB/s\n", REGION, name, median, micros[0],
         runs, FLOPS / median * 1e-3, MOVED / median * 1e-3);
  return 0;
}
