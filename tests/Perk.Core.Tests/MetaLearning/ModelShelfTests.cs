using System.Text;
using System.Text.Json.Nodes;
using Perk.Core.Documents;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;
using Perk.Core.Tests.Documents;
using Perk.Tests;

namespace Perk.Core.Tests.MetaLearning;

/// <summary>What a pushed checkpoint is, whichever the store.</summary>
public abstract class ModelShelfConformance : IDisposable
{
    private static readonly DateTimeOffset Moment = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    protected abstract Task<IObjectStore> StoreAsync();

    public virtual void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Push_TrainedCheckpoint_ManifestSaysWhatItIsWithoutItsFiles()
    {
        var store = await StoreAsync();
        var shelf = new ModelShelf(store);
        var plan = await shelf.PlanAsync(TestModels.Shipped, Moment, Now);
        Assert.False(plan.IsThere);
        Assert.Equal(
            ["README.md", "adapter_config.json", "adapter_model.safetensors", "checkpoint.json", "config.json", "merges.txt", "meta.safetensors", "model.safetensors", "tokenizer_config.json", "vocab.json"],
            plan.Missing.Select(f => f.Name).Order(StringComparer.Ordinal));
        Assert.Null(await shelf.FindAsync(plan.Manifest.Checkpoint, Now)); // A plan sends nothing.

        var reports = new List<ModelProgress>();
        await plan.SendAsync(new Told(reports.Add), Now);
        var found = (await shelf.FindAsync(TestModels.Shipped.Id(), Now))!;
        Assert.Equal(plan.Manifest.ToJson(), found.ToJson());
        Assert.Equal(("perk-1m", Moment, null), (found.BaseModel, found.Pushed, found.Meta));
        Assert.Equal(new ModelProgress(found.Bytes, found.Bytes), reports[^1]);
        Assert.Equal(reports.Select(r => r.Done).Order(), reports.Select(r => r.Done));
        Assert.Contains("Perk.Core", found.Versions.Keys);

        // Who submits documents comes to the same ids by the manifest as by the files.
        var (here, there) = (ModelIdentity.Of(TestModels.Shipped), found.Identity);
        Assert.Equal((here.Checkpoint, here.ModelName), (there.Checkpoint, there.ModelName));
        Assert.Equal(here.Settings!.ToJson(), there.Settings!.ToJson());
        Assert.Equal(AdapterId(here), AdapterId(there));
    }

    [Fact]
    public async Task Push_UntrainedCheckpoint_ManifestSaysHowItIsMade()
    {
        var store = await StoreAsync();
        var manifest = await PushAsync(store, TestModels.Stories);
        var (here, there) = (ModelIdentity.Of(TestModels.Stories), (await new ModelShelf(store).RequireAsync(manifest.Checkpoint, Now)).Identity);
        Assert.Equal((here.Checkpoint, here.ModelName, null), (there.Checkpoint, there.ModelName, there.Settings));
        Assert.Equal(AdapterId(here), AdapterId(there));
        Assert.Equal(["LICENSE", "README.md", "config.json", "model.safetensors", "tokenizer.model"], manifest.Base.Select(f => f.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Push_AgainOrOnTheSameBase_SendsNothingThatIsThere()
    {
        var store = await StoreAsync();
        var first = await PushAsync(store, TestModels.Shipped);
        var shelf = new ModelShelf(store);
        var again = await shelf.PlanAsync(TestModels.Shipped, Moment.AddDays(1), Now);
        Assert.True(again.IsThere);
        Assert.Empty(again.Missing);
        Assert.Equal(first.ToJson(), (await again.SendAsync(null, Now)).ToJson());

        var other = await shelf.PlanAsync(TestModels.Registers, Moment, Now);
        Assert.DoesNotContain(other.Missing, f => f.Name == "model.safetensors");
        await other.SendAsync(null, Now);
        var listed = await shelf.ListAsync(Now).ToListAsync(Now);
        Assert.Equal(new[] { TestModels.Shipped.Id(), TestModels.Registers.Id() }.Order(StringComparer.Ordinal), listed.Select(m => m.Checkpoint));
        Assert.All(listed, m => Assert.InRange(m.Manifest!.Bytes, 5_000_000, 7_000_000));
    }

    [Fact]
    public async Task Push_CutOff_LeavesNoManifestAndASecondSendsOnlyTheRest()
    {
        var store = await StoreAsync();
        var sent = new List<string>();
        var stopping = new WatchedStore(store, name => Assert.Fail($"{name} was written."))
        {
            Streaming = name =>
            {
                if (sent.Count == 2) throw new OperationCanceledException();
                sent.Add(name.ToString());
            },
        };
        await Assert.ThrowsAsync<OperationCanceledException>(() => PushAsync(stopping, TestModels.Stories));
        var shelf = new ModelShelf(store);
        Assert.Null(await shelf.FindAsync(TestModels.Stories.Id(), Now));
        Assert.Empty(await shelf.ListAsync(Now).ToListAsync(Now));

        var rest = await shelf.PlanAsync(TestModels.Stories, Moment, Now);
        Assert.Equal(3, rest.Missing.Count);
        Assert.All(rest.Missing, f => Assert.DoesNotContain(Names.ModelPayload(f.Sha256).ToString(), sent));
        await rest.SendAsync(null, Now);
        Assert.NotNull(await shelf.FindAsync(TestModels.Stories.Id(), Now));
    }

    [Fact]
    public async Task Push_FileChangesMeanwhile_IsRefusedByNameAndNothingOfItIsThere()
    {
        var store = await StoreAsync();
        var source = new CheckpointSource { ModelFolder = TestModels.Copy(RepositoryFiles.Stories260K, _folder.File("stories")) };
        var plan = await new ModelShelf(store).PlanAsync(source, Moment, Now);
        var path = Path.Combine(source.ModelFolder, "model.safetensors");
        var bytes = await File.ReadAllBytesAsync(path, Now);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Now);
        var error = await Assert.ThrowsAsync<ModelFileException>(() => plan.SendAsync(null, Now));
        Assert.Equal(path, error.File);
        Assert.Contains($"with sha256 {Ids.Sha256(bytes)}, expected {bytes.Length} with ", error.Message);
        Assert.False(await store.ExistsAsync(Names.ModelPayload(plan.Manifest.Base.Single(f => f.Name == "model.safetensors").Sha256), Now));
        Assert.Null(await new ModelShelf(store).FindAsync(plan.Manifest.Checkpoint, Now));
    }

    [Fact]
    public async Task Push_PayloadGoneOrManifestDamaged_MendsIt()
    {
        var store = await StoreAsync();
        var manifest = await PushAsync(store, TestModels.Stories);
        await store.DeleteAsync(Names.ModelPayload(manifest.Base[0].Sha256), Now);
        Assert.Equal([manifest.Base[0]], (await new ModelShelf(store).PlanAsync(TestModels.Stories, Moment, Now)).Missing);
        await PushAsync(store, TestModels.Stories);
        Assert.True(await store.ExistsAsync(Names.ModelPayload(manifest.Base[0].Sha256), Now));

        await store.WriteAsync(Names.ModelManifest(manifest.Checkpoint), "{}"u8.ToArray(), Now);
        var damaged = Assert.Single(await new ModelShelf(store).ListAsync(Now).ToListAsync(Now));
        Assert.Contains("is not a checkpoint's manifest", damaged.Fault);
        await PushAsync(store, TestModels.Stories);
        Assert.Equal(manifest.ToJson(), (await new ModelShelf(store).RequireAsync(manifest.Checkpoint, Now)).ToJson());

        // One of a later version is not damaged, and stays.
        var newer = System.Text.Encoding.UTF8.GetBytes("{\"schema\":99}");
        await store.WriteAsync(Names.ModelManifest(manifest.Checkpoint), newer, Now);
        await Assert.ThrowsAsync<NewerManifestException>(() => PushAsync(store, TestModels.Stories));
        Assert.Equal(newer, await store.ReadAllBytesAsync(Names.ModelManifest(manifest.Checkpoint), Now));
    }

    [Fact]
    public async Task Plan_WhatNoHostCouldLoad_IsRefusedByName()
    {
        var shelf = new ModelShelf(await StoreAsync());
        var folder = TestModels.Copy(RepositoryFiles.Stories260K, _folder.File("my model"));
        await RefusedAsync(new CheckpointSource { ModelFolder = folder }, "'my model' is not a name of a model", "The model is named by its folder; rename it.");
        await RefusedAsync(new CheckpointSource { ModelFolder = _folder.File("nowhere") }, "is not a folder");
        await RefusedAsync(TestModels.Shipped with { ModelFolder = RepositoryFiles.Stories260K }, "the checkpoint was trained on base model perk-1m");
        var foreign = TestModels.Copy(RepositoryFiles.Stories260K, _folder.File("foreign"));
        await File.WriteAllTextAsync(Path.Combine(foreign, "config.json"), """{"model_type":"mamba"}""", Now);
        await RefusedAsync(new CheckpointSource { ModelFolder = foreign }, "mamba");

        async Task RefusedAsync(CheckpointSource source, params string[] said)
        {
            var error = await Assert.ThrowsAsync<ModelFileException>(() => shelf.PlanAsync(source, Moment, Now));
            Assert.All(said, text => Assert.Contains(text, error.Message));
        }
    }

    [Fact]
    public async Task Complete_BeginningsOfIds_FindTheOneOrSayWhatIsThere()
    {
        var store = await StoreAsync();
        var shelf = new ModelShelf(store);
        var (a, b) = ("abcd1" + new string('0', 59), "abcd2" + new string('0', 59));
        foreach (var id in new[] { a, b }) await store.WriteAsync(Names.ModelManifest(id), "{}"u8.ToArray(), Now);
        await store.WriteAsync(new ObjectName(Names.Models, "checkpoints/abcd1-notes.json"), "{}"u8.ToArray(), Now);
        Assert.Equal(a, await shelf.CompleteAsync("abcd1", Now));
        Assert.Equal(b, await shelf.CompleteAsync(b, Now));
        var several = await Assert.ThrowsAsync<ModelFileException>(() => shelf.CompleteAsync("abcd", Now));
        Assert.Contains($"is the beginning of several ids ({a}, {b}); give more digits.", several.Message);
        Assert.Contains("push it: perk model push", (await Assert.ThrowsAsync<ModelFileException>(() => shelf.CompleteAsync("dcba", Now))).Message);
        Assert.Contains("push it: perk model push", (await Assert.ThrowsAsync<ModelFileException>(() => shelf.RequireAsync(new string('0', 64), Now))).Message);
        foreach (var bad in new[] { "abc", "ABCD", "ab/cd", a + "0" }) await Assert.ThrowsAsync<ArgumentException>(() => shelf.CompleteAsync(bad, Now));
    }

    [Theory]
    [InlineData("schema=2", "has schema 2; this version reads 1")]
    [InlineData("schema=0", "is not a checkpoint's manifest of schema 1")]
    [InlineData("base=[]", "base lists no file")]
    [InlineData("base=[null]", "lists a file that is null")]
    [InlineData("base=[{\"name\":\"../x\",\"sha256\":\"$\",\"length\":1}]", "'../x' is not a name of a model")]
    [InlineData("base=[{\"name\":\"x\",\"sha256\":\"b\",\"length\":1}]", "'b' is not a sha256")]
    [InlineData("base=[{\"name\":\"x\",\"sha256\":\"$\",\"length\":-1}]", "x has no length from 0 to")]
    [InlineData("base=[{\"name\":\"x\",\"sha256\":\"$\",\"length\":1},{\"name\":\"X\",\"sha256\":\"$\",\"length\":1}]", "lists X twice")]
    [InlineData("trained=[{\"name\":\"x\",\"sha256\":\"$\",\"length\":1}]", "settings belong to trained files")]
    [InlineData("meta=null", "settings belong to trained files")]
    [InlineData("meta={\"lora\":{\"rank\":0}}", "LoRA rank 0 is out of range")]
    [InlineData("baseModel=\"..\"", "'..' is not a name of a model")]
    [InlineData("checkpoint=\"$\"", "is the manifest of checkpoint")]
    public async Task Find_ManifestDamagedOrForeign_NamesTheBlob(string change, string said)
    {
        var store = await StoreAsync();
        var manifest = (await new ModelShelf(store).PlanAsync(TestModels.Stories, Moment, Now)).Manifest;
        var json = JsonNode.Parse(manifest.ToJson())!;
        var cut = change.IndexOf('=');
        json[change[..cut]] = JsonNode.Parse(change[(cut + 1)..].Replace("$", new string('0', 64), StringComparison.Ordinal));
        var name = Names.ModelManifest(manifest.Checkpoint);
        await store.WriteAsync(name, Encoding.UTF8.GetBytes(json.ToJsonString()), Now);
        var error = await Assert.ThrowsAnyAsync<ModelFileException>(() => new ModelShelf(store).FindAsync(manifest.Checkpoint, Now));
        Assert.StartsWith($"{name}: ", error.Message);
        Assert.Contains(said, error.Message);
    }

    private static async Task<ModelManifest> PushAsync(IObjectStore store, CheckpointSource source) =>
        await (await new ModelShelf(store).PlanAsync(source, Moment, Now)).SendAsync(null, Now);

    private static string AdapterId(ModelIdentity identity) =>
        new EncodingOptions { Inner = identity.Settings?.Inner ?? new InnerLoopOptions() }.AdapterId("default", new string('d', 64), identity.Checkpoint, identity.Lora);
}

public sealed class ModelShelfOnDiskTests : ModelShelfConformance
{
    private readonly TemporaryFolder _folder = new();

    protected override Task<IObjectStore> StoreAsync() => Task.FromResult<IObjectStore>(new DirectoryStore(_folder.Path));

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }
}

/// <summary>The container of models has one name: its tests take turns, and each begins with none.</summary>
[CollectionDefinition(nameof(ModelsContainer))]
public sealed class ModelsContainer
{
    internal static async Task<IObjectStore> EmptyAsync(AzuriteFixture azurite)
    {
        var store = (await azurite.AccountAsync()).Objects;
        await foreach (var path in store.ListAsync(Names.Models, "", CancellationToken.None)) await store.DeleteAsync(new ObjectName(Names.Models, path), CancellationToken.None);
        return store;
    }
}

[Collection(nameof(ModelsContainer))]
public sealed class ModelShelfInBlobsTests(AzuriteFixture azurite) : ModelShelfConformance
{
    protected override Task<IObjectStore> StoreAsync() => ModelsContainer.EmptyAsync(azurite);
}
