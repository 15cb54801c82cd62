using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace Perk.Core.Tensors;

/// <summary>
/// Loads TorchSharp's native library, also where the system's libstdc++ stops at GLIBCXX_3.4.30 (Debian 12, Ubuntu 22.04).
/// </summary>
/// <remarks>
/// TorchSharp 0.107's <c>libLibTorchSharp.so</c> asks for version GLIBCXX_3.4.32 of libstdc++, though nothing in it uses a symbol
/// of that version but <c>_ZSt21ios_base_library_initv</c>, which no relocation refers to. Where the regular load fails, a copy of
/// the library in the user's cache with that one requirement marked weak is loaded instead; the system and the package stay as
/// they are. Remove this type once TorchSharp ships a library built against an older libstdc++.
/// </remarks>
public static class NativeTorch
{
    internal const string TooNewVersion = "GLIBCXX_3.4.32";
    private const string Library = "LibTorchSharp";
    private static readonly Lock Gate = new();
    private static bool _loaded;

    /// <summary>The managed library, for its version.</summary>
    internal static Assembly Managed => typeof(torch).Assembly;

    /// <summary>Whether the copy with the weak requirement is the one in use.</summary>
    public static bool UsesRelaxedCopy { get; private set; }

    /// <summary>Loads the native library once per process. Call before the first use of <c>torch</c>.</summary>
    /// <exception cref="NativeTorchException">It does not load; the message says what is missing and what to do.</exception>
    public static void EnsureLoaded()
    {
        lock (Gate)
        {
            if (_loaded) return;
            AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => name == Library ? LoadRelaxedCopy() : 0;
            if (!NativeLibrary.TryLoad(Library, typeof(torch).Assembly, null, out _))
                throw new NativeTorchException(Diagnose(SearchFolders()));
            _loaded = true;
        }
    }

    /// <summary>Runs only after the regular load has failed.</summary>
    private static nint LoadRelaxedCopy()
    {
        if (!OperatingSystem.IsLinux() || Find(SearchFolders(), "libLibTorchSharp.so") is not { } original) return 0;
        var copy = RelaxedCopy(original, UserCache.Folder("native"));
        if (copy is null) return 0;

        // The copy lies elsewhere: what it needs from beside the original must be in the process already.
        if (!NativeLibrary.TryLoad(Path.Combine(Path.GetDirectoryName(original)!, "libtorch.so"), out _)) return 0;
        if (!NativeLibrary.TryLoad(copy, out var handle)) return 0;
        UsesRelaxedCopy = true;
        return handle;
    }

    /// <summary>Writes the copy with the weak requirement into <paramref name="folder"/>, unless it is there already.</summary>
    /// <returns>The copy's path, or null where the library does not have the requirement.</returns>
    internal static string? RelaxedCopy(string original, string folder)
    {
        var bytes = File.ReadAllBytes(original);
        if (ElfVersionNeeds.MarkWeak(bytes, TooNewVersion) == 0) return null;

        var copy = Path.Combine(folder, $"libLibTorchSharp-{Ids.Sha256(bytes)[..16]}.so");
        if (File.Exists(copy) && File.ReadAllBytes(copy).AsSpan().SequenceEqual(bytes)) return copy;

        var half = Path.Combine(folder, Path.GetRandomFileName());
        File.WriteAllBytes(half, bytes);
        File.Move(half, copy, overwrite: true);
        return copy;
    }

    internal static string Diagnose(IReadOnlyList<string> folders)
    {
        var name = OperatingSystem.IsWindows() ? "LibTorchSharp.dll" : OperatingSystem.IsMacOS() ? "libLibTorchSharp.dylib" : "libLibTorchSharp.so";
        var torch = OperatingSystem.IsWindows() ? "torch_cpu.dll" : OperatingSystem.IsMacOS() ? "libtorch_cpu.dylib" : "libtorch_cpu.so";
        if (Find(folders, torch) is null || Find(folders, name) is not { } library)
        {
            return $"The native libtorch ({torch}, {name}) is not beside the program. The executable must reference TorchSharp-cpu or "
                + $"TorchSharp-cuda-linux (set CarriesTorchBackend in its project file) and be built for this platform, "
                + $"{RuntimeInformation.RuntimeIdentifier}. Looked in: {string.Join(", ", folders)}.";
        }

        try
        {
            NativeLibrary.Free(NativeLibrary.Load(library));
            return $"{library} loads by itself but TorchSharp could not use it.";
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            return $"{library} does not load: {e.Message.Trim()} On Linux it needs glibc 2.34 and libstdc++ with GLIBCXX_3.4.30 "
                + "or later (Debian 12, Ubuntu 22.04 or newer; not Alpine), and a writable cache folder (set PERK_CACHE to one).";
        }
    }

    private static string? Find(IEnumerable<string> folders, string file) =>
        folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    private static string[] SearchFolders()
    {
        var known = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        return [.. known.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Append(AppContext.BaseDirectory).Distinct(StringComparer.Ordinal)];
    }
}

/// <summary>TorchSharp's native library cannot be loaded on this machine.</summary>
/// <param name="message">What is missing and what to do.</param>
public sealed class NativeTorchException(string message) : Exception(message);
