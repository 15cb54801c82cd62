using Perk.Core.Documents;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Documents;

public sealed class ServedModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task LoadAsync_ManyAtOnce_LoadsOnceAndKnowsTheSameIdBefore()
    {
        using var model = ServedModel.From(Pipeline.Source, Pipeline.Options, "cpu");
        Assert.False(model.IsLoaded);
        Assert.Equal(Pipeline.Checkpoint.Id, model.Id);
        var loaded = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => model.LoadAsync(Now)));
        Assert.All(loaded, l => Assert.Same(loaded[0], l));
        Assert.True(model.IsLoaded);
    }

    [Fact]
    public async Task LoadAsync_FailsOnce_IsTriedAgainByTheNextCaller()
    {
        var tries = 0;
        using var model = new ServedModel(ModelIdentity.Of(Pipeline.Source), Pipeline.Options, _ => ++tries == 1
            ? throw new ModelFileException("model.safetensors", "is cut off.")
            : Task.FromResult(LoadedModel.Load(Pipeline.Source, Pipeline.Options, "cpu", null)));
        var e = await Assert.ThrowsAsync<ModelUnavailableException>(() => model.LoadAsync(Now));
        Assert.Contains("is cut off", e.Message);
        Assert.Equal(model.Id, (await model.LoadAsync(Now)).Checkpoint.Id);
        Assert.Equal(2, tries);
    }

    [Fact]
    public async Task LoadAsync_OptionsThatDoNotSuitTheModel_SaysSo()
    {
        using var model = ServedModel.From(Pipeline.Source, Pipeline.Options with { Segmenter = new SegmenterOptions { MaxTokens = 4096 } }, "cpu");
        Assert.Contains("do not fit", (await Assert.ThrowsAsync<ModelUnavailableException>(() => model.LoadAsync(Now))).Message);
    }

    [Fact]
    public async Task LoadAsync_FilesChangedSinceTheStart_IsRefused()
    {
        var copy = Path.Combine(_folder.Path, "model");
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.GetFiles(RepositoryFiles.Stories260K)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        using var model = ServedModel.From(Pipeline.Source with { ModelFolder = copy }, Pipeline.Options, "cpu");
        var config = Path.Combine(copy, "config.json");
        await File.WriteAllTextAsync(config, (await File.ReadAllTextAsync(config, Now)) + "\n", Now);
        Assert.Contains("have changed", (await Assert.ThrowsAsync<ModelUnavailableException>(() => model.LoadAsync(Now))).Message);
    }

    [Fact]
    public async Task FromShelf_PushedCheckpoint_IsKnownFromItsManifestAndLoadedFromTheStore()
    {
        var store = new DirectoryStore(_folder.Path);
        await (await new ModelShelf(store).PlanAsync(Pipeline.Source, TimeProvider.System.GetUtcNow(), Now)).SendAsync(null, Now);
        using var model = await ServedModel.FromShelfAsync(store, Pipeline.Checkpoint.Id, model => model is { Settings: null, Steps: 2 } ? Pipeline.Options : throw new InvalidOperationException("untrained"), "cpu", null, Now);
        using var local = ServedModel.From(Pipeline.Source, Pipeline.Options);
        Assert.Equal((local.Id, local.Name, local.AdapterId("default", model.Id)), (model.Id, model.Name, model.AdapterId("default", model.Id)));
        Assert.Equal(model.Id, (await model.LoadAsync(Now)).Checkpoint.Id);
        await Assert.ThrowsAsync<ModelFileException>(() => ServedModel.FromShelfAsync(store, new string('0', 64), _ => Pipeline.Options, null, null, Now));
    }

    [Fact]
    public async Task Encode_ModelThatCannotBeLoaded_IsAnotherTryNotAFailedDocument()
    {
        using var pipeline = new Pipeline();
        using var broken = new ServedModel(ModelIdentity.Of(Pipeline.Source), Pipeline.Options, _ => throw new ModelFileException("model.safetensors", "is cut off."));
        var job = new EncodeJob(pipeline.Store, broken, pipeline.Gate, pipeline.Time);
        var e = await Assert.ThrowsAsync<ModelUnavailableException>(async () => await job.RunAsync(Pipeline.Collection, await pipeline.SubmitAsync(), null, Now));
        Assert.False(EncodeJob.IsFatal(e));
    }
}
