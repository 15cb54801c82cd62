using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Perk.Cli.Emulator;
using Perk.Core.Storage;
using Perk.Tests;

namespace Perk.Core.Tests.Storage;

public sealed class StorageAccountTests(AzuriteFixture azurite)
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connect_RunningEmulator_QueuesCanBeCreatedTwice()
    {
        var account = await StorageAccount.ConnectAsync(await azurite.ConnectionStringAsync(), Now);
        await account.EnsureQueuesAsync(Now);
        await account.EnsureQueuesAsync(Now);
        foreach (var name in new[] { "encode", "encode-poison", "questions", "questions-poison" })
            Assert.True(await account.Queue(name).ExistsAsync(Now), name);
    }

    [Fact]
    public async Task Queue_Bodies_AreBase64OnTheWire()
    {
        var connection = await azurite.ConnectionStringAsync();
        var queue = StorageAccount.FromConnectionString(connection).Queue(azurite.UniqueName("wire"));
        await queue.CreateAsync(cancellationToken: Now);
        await queue.SendMessageAsync("hello", Now);
        var raw = new Azure.Storage.Queues.QueueClient(connection, queue.Name);
        Assert.Equal("aGVsbG8=", (await raw.PeekMessageAsync(Now)).Value.MessageText);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("AccountName=a;AccountKey=b")]
    [InlineData("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=not*base64;EndpointSuffix=core.windows.net")]
    [InlineData("BlobEndpoint=nowhere;AccountName=a;AccountKey=c2VjcmV0")]
    public async Task Connect_MalformedString_SaysTheFormAndNotTheKey(string connectionString)
    {
        var e = await Assert.ThrowsAsync<StorageUnavailableException>(() => StorageAccount.ConnectAsync(connectionString, Now));
        Assert.Contains("connection string is malformed", e.Message);
        Assert.DoesNotContain("c2VjcmV0", e.ToString());
        Assert.DoesNotContain("not*base64", e.ToString());
    }

    [Fact]
    public async Task Connect_NothingListens_SaysHowToStartTheEmulatorWithinSeconds()
    {
        var clock = Stopwatch.StartNew();
        var good = await azurite.ConnectionStringAsync();
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        clock.Restart();
        var e = await Assert.ThrowsAsync<StorageUnavailableException>(() => StorageAccount.ConnectAsync(
            Regex.Replace(good, @"127\.0\.0\.1:\d+", $"127.0.0.1:{port}"), Now));
        Assert.Contains($"Nothing answers at http://127.0.0.1:{port}", e.Message);
        Assert.Contains("azurite --skipApiVersionCheck", e.Message);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task Connect_WrongKey_SaysThatTheCredentialsAreRefused()
    {
        var good = await azurite.ConnectionStringAsync();
        var connection = good.Replace("AccountKey=Eby8", "AccountKey=AAAA", StringComparison.Ordinal);
        var e = await Assert.ThrowsAsync<StorageUnavailableException>(() => StorageAccount.ConnectAsync(connection, Now));
        Assert.Contains("refuses the credentials", e.Message);
    }

    [Fact]
    public async Task Connect_EmulatorThatChecksTheApiVersion_SaysWhichOptionLiftsTheCheck()
    {
        var installed = await AzuriteInstallation.EnsureAsync(null, Now);
        using var strict = Process.Start(new ProcessStartInfo("node",
        [
            "-r", Path.Combine(AppContext.BaseDirectory, "Emulator", "exit-with-parent.js"),
            Path.Combine(installed, "node_modules", "azurite", "dist", "src", "azurite.js"), "--inMemoryPersistence", "--silent",
            "--disableTelemetry", "--blobPort", "0", "--queuePort", "0", "--tablePort", "0",
        ])
        { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        try
        {
            var line = "";
            while (!line.Contains("Blob service is successfully listening", StringComparison.Ordinal))
                line = await strict.StandardOutput.ReadLineAsync(Now) ?? throw new InvalidOperationException("it ended");
            var good = await azurite.ConnectionStringAsync();
            var address = line[line.IndexOf("http", StringComparison.Ordinal)..];
            var connection = Regex.Replace(good, "BlobEndpoint=[^;]*", $"BlobEndpoint={address}/devstoreaccount1");
            var e = await Assert.ThrowsAsync<StorageUnavailableException>(() => StorageAccount.ConnectAsync(connection, Now));
            Assert.Contains("azurite --skipApiVersionCheck", e.Message);
            Assert.Contains("API version", e.Message);
        }
        finally
        {
            strict.Kill();
        }
    }
}
