using System.Diagnostics;
using Perk.Cli.Emulator;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Emulator;

public sealed class AzuriteTests
{
    private const string ProcessIdFile = "PERK_TEST_PROCESS_ID_FILE";
    private const string DataFolder = "PERK_TEST_DATA_FOLDER";
    private static readonly ObjectName Kept = new("documents", "kept");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_InMemory_ServesBlobsAndQueuesUntilDisposed()
    {
        var azurite = await Azurite.StartAsync(new AzuriteOptions(), Now);
        using var process = Process.GetProcessById(azurite.ProcessId);
        await using (azurite)
        {
            var account = await StorageAccount.ConnectAsync(azurite.ConnectionString, Now);
            var name = Names.Answer("default", "q");
            Assert.True(await account.Objects.TryCreateAsync(name, new byte[] { 1 }, Now));
            await account.EnsureQueuesAsync(Now);
            Assert.False(process.HasExited);
        }

        await process.WaitForExitAsync(Now).WaitAsync(TimeSpan.FromSeconds(1), Now);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => StorageAccount.ConnectAsync(azurite.ConnectionString, Now));
    }

    [Fact]
    public async Task Start_WithAFolder_KeepsBlobsAndMessagesOverARestart()
    {
        var folder = Directory.CreateTempSubdirectory("perk-test-").FullName;
        try
        {
            var name = Names.Answer("default", "q");
            await using (var first = await Azurite.StartAsync(new AzuriteOptions { Folder = folder }, Now))
            {
                var account = StorageAccount.FromConnectionString(first.ConnectionString);
                await account.Objects.WriteAsync(name, new byte[] { 1, 2, 3 }, Now);
                await account.EnsureQueuesAsync(Now);
                await account.Queue(Names.EncodeQueue).SendMessageAsync("kept", Now);
            }

            await using (var second = await Azurite.StartAsync(new AzuriteOptions { Folder = folder }, Now))
            {
                var account = StorageAccount.FromConnectionString(second.ConnectionString);
                Assert.Equal(new byte[] { 1, 2, 3 }, await account.Objects.ReadAllBytesAsync(name, Now));
                Assert.Equal("kept", (await account.Queue(Names.EncodeQueue).PeekMessageAsync(Now)).Value.MessageText);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Start_PortTaken_FailsWithTheEmulatorsLastLines()
    {
        await using var first = await Azurite.StartAsync(new AzuriteOptions(), Now);
        var port = StorageAccount.FromConnectionString(first.ConnectionString).Blobs.Uri.Port;
        var taken = new AzuriteOptions { BlobPort = port };
        var e = await Assert.ThrowsAsync<EmulatorException>(() => Azurite.StartAsync(taken, Now));
        Assert.Contains("EADDRINUSE", e.Message);
    }

    [Fact]
    public async Task Start_InterruptKey_IsLeftToTheProgramThatStartedIt()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no signals");
        await using var azurite = await Azurite.StartAsync(new AzuriteOptions(), Now);
        using var interrupt = Process.Start("kill", ["-INT", $"{azurite.ProcessId}"]);
        await interrupt.WaitForExitAsync(Now);
        Assert.Equal(0, interrupt.ExitCode);
        await Task.Delay(TimeSpan.FromMilliseconds(500), Now);
        await StorageAccount.ConnectAsync(azurite.ConnectionString, Now);
    }

    [Fact]
    public async Task Start_ParentKilled_TheEmulatorEndsTooAndKeepsWhatWasStored()
    {
        var idFile = Path.GetTempFileName();
        var data = Directory.CreateTempSubdirectory("perk-test-");
        using var parent = Process.Start(ThisProgram(idFile, data.FullName))!;
        try
        {
            var clock = Stopwatch.StartNew();
            string text;
            while ((text = await File.ReadAllTextAsync(idFile, Now)).Length == 0)
            {
                Assert.False(parent.HasExited, "the parent ended by itself");
                Assert.True(clock.Elapsed < Patience, "no emulator came up");
                await Task.Delay(50, Now);
            }

            using var emulator = Process.GetProcessById(int.Parse(text, System.Globalization.CultureInfo.InvariantCulture));
            Assert.False(emulator.HasExited);
            parent.Kill();
            await emulator.WaitForExitAsync(Now).WaitAsync(TimeSpan.FromSeconds(15), Now);

            await using var again = await Azurite.StartAsync(new AzuriteOptions { Folder = data.FullName }, Now);
            var account = await StorageAccount.ConnectAsync(again.ConnectionString, Now);
            Assert.True(await account.Objects.ExistsAsync(Kept, Now));
        }
        finally
        {
            if (!parent.HasExited) parent.Kill();
            data.Delete(recursive: true);
            File.Delete(idFile);
        }
    }

    /// <summary>The parent of the test above: starts an emulator, says which, and waits to be killed.</summary>
    [Fact(Explicit = true)]
    public async Task Parent_OfAnEmulator_WaitsToBeKilled()
    {
        var folder = Environment.GetEnvironmentVariable(DataFolder)!;
        await using var azurite = await Azurite.StartAsync(new AzuriteOptions { Folder = folder }, Now);
        await (await StorageAccount.ConnectAsync(azurite.ConnectionString, Now)).Objects.WriteAsync(Kept, new byte[] { 1, 2, 3 }, Now);
        await File.WriteAllTextAsync(Environment.GetEnvironmentVariable(ProcessIdFile)!, $"{azurite.ProcessId}", Now);
        await Task.Delay(Patience * 2, Now);
    }

    private static ProcessStartInfo ThisProgram(string idFile, string dataFolder) => new("dotnet",
    [
        typeof(AzuriteTests).Assembly.Location,
        "-explicit", "only", "-method", $"{typeof(AzuriteTests).FullName}.{nameof(Parent_OfAnEmulator_WaitsToBeKilled)}",
    ])
    {
        Environment = { [ProcessIdFile] = idFile, [DataFolder] = dataFolder },
        UseShellExecute = false,
        RedirectStandardOutput = true,
    };
}
