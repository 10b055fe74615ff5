/* A WebSocket echo server and a load client, as fast as one core can: the physical bound that the engine is compared with.
 *
 *   echo server              listens on a free port of 127.0.0.1 and prints it; greets every session with one text frame
 *   echo client PORT N S     N sessions: connects, sends one message on all at once, then loops for S seconds; prints JSON
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 1024
static const char WELCOME[] = "{\"event\":\"welcome\",\"session\":\"s\"}";
static const char REQUEST[] = "{\"id\":\"tenant-0001.000001\",\"do\":\"work\",\"event\":\"done\"}";

typedef struct { int fd, open; char *data; size_t used, size; double sent, answered; } session;

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }
static void fail(const char *what) { perror(what); exit(2); }

static uint32_t rol(uint32_t x, int n) { return (x << n) | (x >> (32 - n)); }

static void sha1(const unsigned char *text, size_t length, unsigned char out[20]) {
    uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0}, w[80];
    unsigned char block[256] = {0};
    size_t total = ((length + 8) / 64 + 1) * 64;
    memcpy(block, text, length);
    block[length] = 0x80;
    for (int i = 0; i < 8; i++) block[total - 1 - i] = (unsigned char)((uint64_t)length * 8 >> (8 * i));
    for (size_t at = 0; at < total; at += 64) {
        for (int i = 0; i < 16; i++) { uint32_t v; memcpy(&v, block + at + 4 * i, 4); w[i] = ntohl(v); }
        for (int i = 16; i < 80; i++) w[i] = rol(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
        for (int i = 0; i < 80; i++) {
            uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 ? b ^ c ^ d : i < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
            uint32_t k = i < 20 ? 0x5A827999 : i < 40 ? 0x6ED9EBA1 : i < 60 ? 0x8F1BBCDC : 0xCA62C1D6;
            uint32_t t = rol(a, 5) + f + e + k + w[i];
            e = d; d = c; c = rol(b, 30); b = a; a = t;
        }
        h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e;
    }
    for (int i = 0; i < 5; i++) { uint32_t v = htonl(h[i]); memcpy(out + 4 * i, &v, 4); }
}

static void accept_key(const char *key, size_t length, char out[29]) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[128];
    unsigned char sum[21] = {0};
    memcpy(text, key, length);
    memcpy(text + length, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
    sha1((unsigned char *)text, length + 36, sum);
    for (int i = 0, o = 0; i < 21; i += 3) {
        uint32_t v = sum[i] << 16 | sum[i + 1] << 8 | sum[i + 2];
        for (int k = 18; k >= 0; k -= 6) out[o++] = digits[v >> k & 63];
    }
    out[27] = '='; out[28] = 0;
}

static void put(int fd, const void *data, size_t length) {
    while (length) {
        ssize_t sent = send(fd, data, length, MSG_NOSIGNAL);
        if (sent < 0) { if (errno == EAGAIN) continue; return; }
        data = (const char *)data + sent; length -= sent;
    }
}

static void put_frame(int fd, int opcode, const char *text, size_t length, int masked) {
    static unsigned char out[1 << 20];
    size_t at = 2;
    out[0] = 0x80 | opcode;
    if (length < 126) out[1] = length;
    else if (length < 65536) { out[1] = 126; out[2] = length >> 8; out[3] = length; at = 4; }
    else { out[1] = 127; for (int i = 0; i < 8; i++) out[2 + i] = (uint64_t)length >> (56 - 8 * i); at = 10; }
    if (masked) { out[1] |= 0x80; memset(out + at, 0, 4); at += 4; }
    if (length + at > sizeof out) return;
    memcpy(out + at, text, length);
    put(fd, out, at + length);
}

/* The length of the first frame in the buffer with its head, or 0 while it is not complete. */
static size_t frame(const session *s, size_t from, size_t *start, size_t *length, int *masked) {
    const unsigned char *d = (unsigned char *)s->data + from;
    size_t have = s->used - from, head = 2;
    if (have < 2) return 0;
    *masked = d[1] >> 7;
    *length = d[1] & 127;
    if (*length == 126) { if (have < 4) return 0; *length = d[2] << 8 | d[3]; head = 4; }
    else if (*length == 127) { if (have < 10) return 0; *length = 0; for (int i = 0; i < 8; i++) *length = *length << 8 | d[2 + i]; head = 10; }
    *start = head + (*masked ? 4 : 0);
    return have < *start + *length ? 0 : *start + *length;
}

static int fill(session *s) {
    if (s->used + 4096 > s->size) { s->size = s->size ? s->size * 2 : 4096; s->data = realloc(s->data, s->size); }
    ssize_t got = recv(s->fd, s->data + s->used, s->size - s->used - 1, 0);
    if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
    s->used += got;
    s->data[s->used] = 0;
    return 1;
}

static void keep_rest(session *s, size_t from) {
    if (from) { memmove(s->data, s->data + from, s->used - from); s->used -= from; }
}

static int serve(session *s) {
    if (fill(s) < 0) return -1;
    if (!s->open) {
        char *end = strstr(s->data, "\r\n\r\n"), *key = strcasestr(s->data, "sec-websocket-key:"), answer[29], out[256];
        if (!end || !key) return 0;
        key += 18;
        while (*key == ' ') key++;
        accept_key(key, strcspn(key, "\r\n "), answer);
        int n = sprintf(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", answer);
        put(s->fd, out, n);
        put_frame(s->fd, 1, WELCOME, sizeof WELCOME - 1, 0);
        s->open = 1;
        keep_rest(s, end + 4 - s->data);
    }
    size_t from = 0, start, length, all;
    int masked;
    while ((all = frame(s, from, &start, &length, &masked))) {
        char *text = s->data + from + start;
        int opcode = s->data[from] & 15;
        if (masked) for (size_t i = 0; i < length; i++) text[i] ^= (text - 4)[i & 3];
        put_frame(s->fd, opcode == 9 ? 10 : opcode, text, length, 0);
        from += all;
        if (opcode == 8) return -1;
    }
    keep_rest(s, from);
    return 0;
}

static void server(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1, poll = epoll_create1(0);
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof where;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
    if (bind(listener, (void *)&where, size) || listen(listener, 4096)) fail("listen");
    getsockname(listener, (void *)&where, &size);
    printf("%d\n", ntohs(where.sin_port));
    fflush(stdout);
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            session *s = events[i].data.ptr;
            if (s) {
                if (serve(s) < 0) { close(s->fd); free(s->data); free(s); }
                continue;
            }
            for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                s = calloc(1, sizeof *s);
                s->fd = fd;
                event.data.ptr = s;
                epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
            }
        }
    }
}

static int by_value(const void *a, const void *b) { double d = *(double *)a - *(double *)b; return d < 0 ? -1 : d > 0; }

static void client(int port, int count, double seconds) {
    session *all = calloc(count, sizeof *all);
    double *times = calloc(count, sizeof *times);
    struct epoll_event event = {.events = EPOLLIN}, events[EVENTS];
    int poll = epoll_create1(0), one = 1, ready = 0, answered = 0;
    char request[256];
    int length = sprintf(request, "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", port);
    double started = now();
    for (int i = 0; i < count; i++) {
        struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        all[i].fd = socket(AF_INET, SOCK_STREAM, 0);
        if (all[i].fd < 0 || connect(all[i].fd, (void *)&where, sizeof where)) fail("connect");
        fcntl(all[i].fd, F_SETFL, O_NONBLOCK);
        setsockopt(all[i].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        event.data.ptr = all + i;
        epoll_ctl(poll, EPOLL_CTL_ADD, all[i].fd, &event);
        put(all[i].fd, request, length);
    }
    double connected = 0, burst = 0, end = 0;
    long messages = 0;
    for (;;) {
        int n = epoll_wait(poll, events, EVENTS, 1000);
        if (end && now() >= end) break;
        for (int i = 0; i < n; i++) {
            session *s = events[i].data.ptr;
            size_t from = 0, start, size, whole;
            int masked;
            if (fill(s) < 0) fail("closed");
            if (!s->open) {
                char *head = strstr(s->data, "\r\n\r\n");
                if (!head) continue;
                s->open = 1;
                keep_rest(s, head + 4 - s->data);
            }
            while ((whole = frame(s, from, &start, &size, &masked))) {
                from += whole;
                if (s->open == 1) { s->open = 2; ready++; continue; }
                if (!end) { s->answered = now(); answered++; continue; }
                messages++;
                put_frame(s->fd, 1, REQUEST, sizeof REQUEST - 1, 1);
            }
            keep_rest(s, from);
        }
        if (ready == count && !connected) {
            connected = now();
            burst = now();
            for (int i = 0; i < count; i++) put_frame(all[i].fd, 1, REQUEST, sizeof REQUEST - 1, 1);
        }
        if (answered == count && !end) {
            end = now() + seconds;
            for (int i = 0; i < count; i++) put_frame(all[i].fd, 1, REQUEST, sizeof REQUEST - 1, 1);
        }
    }
    for (int i = 0; i < count; i++) times[i] = all[i].answered - burst;
    qsort(times, count, sizeof *times, by_value);
    printf("{\"connect_s\": %.4f, \"first_p50_ms\": %.2f, \"first_p95_ms\": %.2f, \"per_second\": %.0f}\n", connected - started,
           times[count / 2] * 1e3, times[(int)(count * 0.95)] * 1e3, messages / seconds);
}

int main(int count, char **words) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (count == 2 && !strcmp(words[1], "server")) server();
    else if (count == 5 && !strcmp(words[1], "client")) client(atoi(words[2]), atoi(words[3]), atof(words[4]));
    else { fprintf(stderr, "echo server | echo client PORT SESSIONS SECONDS\n"); return 2; }
    return 0;
}
