using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Perk.Cli.Emulator;

/// <summary>Where an emulator keeps its data and listens.</summary>
public sealed record AzuriteOptions
{
    /// <summary>The folder of the data; null keeps it in memory.</summary>
    public string? Folder { get; init; }

    /// <summary>The TCP port for blobs; 0 takes a free one.</summary>
    public int BlobPort { get; init; }

    /// <summary>The TCP port for queues; 0 takes a free one.</summary>
    public int QueuePort { get; init; }
}

/// <summary>
/// A running storage emulator on the loopback address. It ends with this object, or with this process in whatever way that ends.
/// </summary>
public sealed partial class Azurite : IAsyncDisposable
{
    // The account and key every Azure storage emulator has; they are public.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;

    private Azurite(Process process, string blobs, string queues)
    {
        _process = process;
        ConnectionString = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};"
            + $"BlobEndpoint={blobs}/{Account};QueueEndpoint={queues}/{Account};";
    }

    /// <summary>The connection string of the emulator's account.</summary>
    public string ConnectionString { get; }

    /// <summary>The process's id.</summary>
    internal int ProcessId => _process.Id;

    /// <summary>Installs the emulator if need be, starts it and waits until it listens.</summary>
    /// <exception cref="EmulatorException">It cannot be installed or did not come up; the message has its last lines.</exception>
    public static async Task<Azurite> StartAsync(
        AzuriteOptions options, CancellationToken cancellationToken, IProgress<string>? progress = null)
    {
        var folder = await AzuriteInstallation.EnsureAsync(progress, cancellationToken);
        var process = new Process { StartInfo = StartInfo(folder, options), EnableRaisingEvents = true };
        var output = new StartupOutput();
        process.OutputDataReceived += (_, line) => output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => output.Add(line.Data);
        process.Exited += (_, _) => output.End();
        try
        {
            process.Start();
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            var (blobs, queues) = await output.Listening.WaitAsync(Patience, cancellationToken);
            return new Azurite(process, blobs, queues);
        }
        catch (Exception e)
        {
            await StopAsync(process, TimeSpan.Zero);
            if (e is OperationCanceledException) throw;
            throw new EmulatorException(
                $"The storage emulator (Azurite) did not come up. Its last lines:{Environment.NewLine}{output.LastLines}");
        }
    }

    /// <summary>Stops the emulator and waits for its end.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(_process, TimeSpan.FromSeconds(5));

    private static ProcessStartInfo StartInfo(string folder, AzuriteOptions options) => new("node",
    [
        "-r", Path.Combine(AzuriteInstallation.Sources, "exit-with-parent.js"),
        Path.Combine(folder, "node_modules", "azurite", "dist", "src", "azurite.js"),
        "--blobHost", "127.0.0.1", "--queueHost", "127.0.0.1", "--tableHost", "127.0.0.1",
        "--blobPort", $"{options.BlobPort}", "--queuePort", $"{options.QueuePort}", "--tablePort", "0",
        "--skipApiVersionCheck", "--disableTelemetry", "--silent",
        .. options.Folder is null ? ["--inMemoryPersistence"] : new[] { "--location", Path.GetFullPath(options.Folder) },
    ])
    {
        WorkingDirectory = folder,
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    private static async Task StopAsync(Process process, TimeSpan patience)
    {
        using (process)
        {
            try
            {
                process.StandardInput.Close();
                using var enough = new CancellationTokenSource(patience);
                await process.WaitForExitAsync(enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!process.HasExited) process.Kill();
                await process.WaitForExitAsync(CancellationToken.None);
            }
            catch (Exception e) when (e is InvalidOperationException or Win32Exception)
            {
                // It never started, or has ended meanwhile.
            }
        }
    }

    /// <summary>What the process prints until both services listen; after that, only read so that it does not block.</summary>
    private sealed partial class StartupOutput
    {
        private readonly Lock _gate = new();
        private readonly Queue<string> _last = new();
        private readonly TaskCompletionSource<(string, string)> _listening =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        private string? _blobs, _queues;

        public Task<(string Blobs, string Queues)> Listening => _listening.Task;

        public string LastLines
        {
            get
            {
                lock (_gate) return string.Join(Environment.NewLine, _last);
            }
        }

        public void Add(string? line)
        {
            if (line is null) return;
            lock (_gate)
            {
                _last.Enqueue(line);
                if (_last.Count > 20) _last.Dequeue();
                if (ListeningLine().Match(line) is not { Success: true } match) return;
                if (match.Groups["service"].Value == "Blob") _blobs = match.Groups["address"].Value;
                else _queues = match.Groups["address"].Value;
                if (_blobs is not null && _queues is not null) _listening.TrySetResult((_blobs, _queues));
            }
        }

        public void End() => _listening.TrySetException(new EmulatorException("It has ended."));

        [GeneratedRegex(
            @"Azurite (?<service>Blob|Queue) service is successfully listening at (?<address>http://\S+?)/?$",
            RegexOptions.CultureInvariant)]
        private static partial Regex ListeningLine();
    }
}
