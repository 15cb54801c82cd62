using static TorchSharp.torch;

namespace Perk.Core.Tensors;

/// <summary>The one place that chooses the device the numerics run on.</summary>
public static class ComputeDevice
{
    /// <summary>The environment variable that chooses where <c>--device</c> is not given.</summary>
    public const string Variable = "Perk__Device";

    /// <summary>Loads the native library and returns the device that is asked for.</summary>
    /// <param name="choice"><c>auto</c> (CUDA where it is there, else CPU), <c>cpu</c> or <c>cuda</c>; null reads <c>Perk__Device</c>, then <c>auto</c>.</param>
    /// <exception cref="ArgumentException">Another word, or <c>cuda</c> where no CUDA device can be used.</exception>
    /// <exception cref="NativeTorchException">The native library does not load.</exception>
    public static Device Select(string? choice = null)
    {
        if (string.IsNullOrEmpty(choice)) choice = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(choice)) choice = "auto";
        NativeTorch.EnsureLoaded();
        return choice.ToLowerInvariant() switch
        {
            "cpu" => CPU,
            "auto" => cuda.is_available() ? CUDA : CPU,
            "cuda" when cuda.is_available() => CUDA,
            "cuda" => throw new ArgumentException(
                "Device 'cuda' was asked for, but no CUDA device can be used. Build with -p:TorchBackend=cuda on a machine with an NVIDIA driver, or choose 'cpu'."),
            _ => throw new ArgumentException($"Device '{choice}' is unknown; use auto, cpu or cuda (--device or {Variable})."),
        };
    }

    /// <summary>The threads that one operation is spread over.</summary>
    public static int Threads => get_num_threads();

    /// <summary>A device as people read it: <c>cpu</c>, <c>cuda:0</c>.</summary>
    public static string NameOf(Device device) => device.ToString();

    /// <summary>Limits the threads that one operation is spread over.</summary>
    /// <param name="threads">1 or more.</param>
    /// <exception cref="ArgumentException">Below 1.</exception>
    public static void UseThreads(int threads)
    {
        if (threads < 1) throw new ArgumentException($"{threads} threads are too few; use 1 or more.");
        NativeTorch.EnsureLoaded();
        set_num_threads(threads);
    }
}
