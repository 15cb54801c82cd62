using System.Runtime.InteropServices;

namespace Perk.Core.Tensors;

/// <summary>
/// Keeps glibc from giving each thread an arena of its own. Tensors are made on one thread of the pool and freed on another, so that every arena keeps holes
/// that no other can use, and a host's memory grows for hours (docs/experiments.md, 2026-11-26).
/// </summary>
internal static class MallocArenas
{
    private const int ArenaMax = -8; // M_ARENA_MAX of malloc.h

    /// <summary>One arena for all threads that have none yet; nothing where the C library is another.</summary>
    public static void UseOne()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = Mallopt(ArenaMax, 1);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // musl has neither the function nor the arenas.
        }
    }

    [DllImport("libc.so.6", EntryPoint = "mallopt")]
    private static extern int Mallopt(int parameter, int value);
}
