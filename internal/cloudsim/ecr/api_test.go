package ecr_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/ecr"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// A repository's settings are read back as they were set, with AWS's defaults and AWS's own URI; absent ones have errors of their own.
func TestRepositorySettings(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), newCloud(t).client(primary, "eu-west-2")
	repo := aws.String("pharmacy/change-event")
	out, err := c.CreateRepository(ctx, &awsecr.CreateRepositoryInput{
		RepositoryName: repo, EncryptionConfiguration: &types.EncryptionConfiguration{EncryptionType: types.EncryptionTypeKms},
		Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}, {Key: aws.String("c"), Value: aws.String("d")}},
	})
	must(t)(out, err)
	r := out.Repository
	if *r.RepositoryUri != "111111111111.dkr.ecr.eu-west-2.amazonaws.com/pharmacy/change-event" || r.ImageTagMutability != types.ImageTagMutabilityMutable ||
		r.EncryptionConfiguration.KmsKey == nil || r.ImageScanningConfiguration.ScanOnPush {
		t.Errorf("created %+v", r)
	}
	_, err = c.CreateRepository(ctx, &awsecr.CreateRepositoryInput{RepositoryName: repo})
	want(t, "create twice", err, "RepositoryAlreadyExistsException")
	_, err = c.CreateRepository(ctx, &awsecr.CreateRepositoryInput{RepositoryName: aws.String("Upper")})
	want(t, "a bad name", err, "InvalidParameterException")
	_, err = c.DescribeRepositories(ctx, &awsecr.DescribeRepositoriesInput{RepositoryNames: []string{"other"}})
	want(t, "describe what is not", err, "RepositoryNotFoundException")

	must(t)(c.UntagResource(ctx, &awsecr.UntagResourceInput{ResourceArn: r.RepositoryArn, TagKeys: []string{"a"}}))
	if tags, err := c.ListTagsForResource(ctx, &awsecr.ListTagsForResourceInput{ResourceArn: r.RepositoryArn}); err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Value != "d" {
		t.Errorf("tags %+v, %v", tags, err)
	}
	_, err = c.GetLifecyclePolicy(ctx, &awsecr.GetLifecyclePolicyInput{RepositoryName: repo})
	want(t, "no lifecycle", err, "LifecyclePolicyNotFoundException")
	must(t)(c.PutLifecyclePolicy(ctx, &awsecr.PutLifecyclePolicyInput{RepositoryName: repo, LifecyclePolicyText: aws.String(`{"rules": [ {"rulePriority": 1} ]}`)}))
	if got, err := c.GetLifecyclePolicy(ctx, &awsecr.GetLifecyclePolicyInput{RepositoryName: repo}); err != nil || *got.LifecyclePolicyText != `{"rules":[{"rulePriority":1}]}` {
		t.Errorf("lifecycle %+v, %v", got, err)
	}
	_, err = c.PutLifecyclePolicy(ctx, &awsecr.PutLifecyclePolicyInput{RepositoryName: repo, LifecyclePolicyText: aws.String("no JSON")})
	want(t, "a bad lifecycle", err, "InvalidParameterException")
	_, err = c.GetRepositoryPolicy(ctx, &awsecr.GetRepositoryPolicyInput{RepositoryName: repo})
	want(t, "no policy", err, "RepositoryPolicyNotFoundException")
	_, err = c.GetRegistryPolicy(ctx, &awsecr.GetRegistryPolicyInput{})
	want(t, "no registry policy", err, "RegistryPolicyNotFoundException")
	must(t)(c.PutImageScanningConfiguration(ctx, &awsecr.PutImageScanningConfigurationInput{RepositoryName: repo, ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: true}}))
	must(t)(c.PutReplicationConfiguration(ctx, &awsecr.PutReplicationConfigurationInput{ReplicationConfiguration: &types.ReplicationConfiguration{Rules: []types.ReplicationRule{{
		Destinations: []types.ReplicationDestination{{Region: aws.String("eu-west-1"), RegistryId: aws.String(primary)}},
	}}}}))
	if got, err := c.DescribeRegistry(ctx, &awsecr.DescribeRegistryInput{}); err != nil || len(got.ReplicationConfiguration.Rules) != 1 {
		t.Errorf("registry %+v, %v", got, err)
	}
	if got, err := c.DescribeRepositories(ctx, &awsecr.DescribeRepositoriesInput{}); err != nil || !got.Repositories[0].ImageScanningConfiguration.ScanOnPush {
		t.Errorf("described %+v, %v", got, err)
	}
}

// What was pushed to the registry is what the API shows, lists, gives and deletes.
func TestImagesOfTheAPI(t *testing.T) {
	t.Parallel()
	cl := newCloud(t)
	ctx, s := t.Context(), cl.site(t, primary, "eu-west-2")
	s.create(t, "app")
	repo := aws.String("app")
	img, err := random.Image(1000, 3)
	must(t)(img, err)
	digest, err := img.Digest()
	must(t)(digest, err)
	for _, tag := range []string{"1", "latest"} {
		must(t)(nil, remote.Write(s.ref(t, "app:"+tag), img, s.login()))
	}
	details, err := s.api.DescribeImages(ctx, &awsecr.DescribeImagesInput{RepositoryName: repo})
	must(t)(details, err)
	if d := details.ImageDetails; len(d) != 1 || *d[0].ImageDigest != digest.String() || !slices.Equal(d[0].ImageTags, []string{"1", "latest"}) || *d[0].ImageSizeInBytes < 3000 {
		t.Errorf("described %+v", d)
	}
	var tags []string
	pages := awsecr.NewListImagesPaginator(s.api, &awsecr.ListImagesInput{RepositoryName: repo, MaxResults: aws.Int32(1)})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		must(t)(out, err)
		for _, id := range out.ImageIds {
			tags = append(tags, *id.ImageTag)
		}
	}
	if !slices.Equal(tags, []string{"1", "latest"}) {
		t.Errorf("listed %v", tags)
	}
	_, err = s.api.DescribeImages(ctx, &awsecr.DescribeImagesInput{RepositoryName: repo, ImageIds: []types.ImageIdentifier{{ImageTag: aws.String("2")}}})
	want(t, "describe what is not", err, "ImageNotFoundException")

	got, err := s.api.BatchGetImage(ctx, &awsecr.BatchGetImageInput{RepositoryName: repo, ImageIds: []types.ImageIdentifier{{ImageTag: aws.String("1")}, {ImageTag: aws.String("2")}}})
	must(t)(got, err)
	raw, err := img.RawManifest()
	must(t)(raw, err)
	if len(got.Images) != 1 || *got.Images[0].ImageManifest != string(raw) || len(got.Failures) != 1 || got.Failures[0].FailureCode != types.ImageFailureCodeImageNotFound {
		t.Errorf("got %+v", got)
	}
	put := func(tag string) error {
		_, err := s.api.PutImage(ctx, &awsecr.PutImageInput{RepositoryName: repo, ImageManifest: got.Images[0].ImageManifest, ImageManifestMediaType: got.Images[0].ImageManifestMediaType, ImageTag: &tag})
		return err
	}
	want(t, "put what is there", put("1"), "ImageAlreadyExistsException")
	want(t, "put under a new tag", put("2"), "")
	_, err = s.api.PutImage(ctx, &awsecr.PutImageInput{RepositoryName: repo, ImageManifest: aws.String(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"digest":"sha256:x"}}`)})
	want(t, "put without layers", err, "LayersNotFoundException")

	layers, err := img.Layers()
	must(t)(layers, err)
	layer, err := layers[0].Digest()
	must(t)(layer, err)
	check, err := s.api.BatchCheckLayerAvailability(ctx, &awsecr.BatchCheckLayerAvailabilityInput{RepositoryName: repo, LayerDigests: []string{layer.String(), "sha256:" + fmt.Sprintf("%064d", 0), "x"}})
	must(t)(check, err)
	if len(check.Layers) != 2 || check.Layers[0].LayerAvailability != types.LayerAvailabilityAvailable || check.Layers[1].LayerAvailability != types.LayerAvailabilityUnavailable || len(check.Failures) != 1 {
		t.Errorf("layers %+v", check)
	}

	for _, tag := range []string{"1", "2", "latest"} { // with the last tag the image goes
		if !cl.has(sim.Scope{Account: primary, Region: "eu-west-2"}, "app", digest.String()) {
			t.Errorf("the image went before tag %s", tag)
		}
		must(t)(s.api.BatchDeleteImage(ctx, &awsecr.BatchDeleteImageInput{RepositoryName: repo, ImageIds: []types.ImageIdentifier{{ImageTag: &tag}}}))
	}
	if cl.has(sim.Scope{Account: primary, Region: "eu-west-2"}, "app", digest.String()) {
		t.Error("the image outlived its last tag")
	}
}

// A repository with images is deleted only by force.
func TestDeleteRepository(t *testing.T) {
	t.Parallel()
	s := newCloud(t).site(t, primary, "eu-west-2")
	s.create(t, "app")
	img, err := random.Image(10, 1)
	must(t)(img, err)
	must(t)(nil, remote.Write(s.ref(t, "app:1"), img, s.login()))
	remove := func(force bool) error {
		_, err := s.api.DeleteRepository(t.Context(), &awsecr.DeleteRepositoryInput{RepositoryName: aws.String("app"), Force: force})
		return err
	}
	want(t, "without force", remove(false), "RepositoryNotEmptyException")
	want(t, "by force", remove(true), "")
	want(t, "again", remove(true), "RepositoryNotFoundException")
}

// A cloud that is stopped and started again has the same repositories and images, and takes the logins of before.
func TestSaveLoad(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	s := c.site(t, primary, "eu-west-2")
	s.create(t, "app")
	img, err := random.Image(1000, 2)
	must(t)(img, err)
	must(t)(nil, remote.Write(s.ref(t, "app:1"), img, s.login()))
	saved, err := c.service.Save()
	must(t)(saved, err)
	c.service = ecr.New(sim.NewWorld(2, c.now))
	must(t)(nil, c.service.Load(saved))
	if again, err := c.service.Save(); err != nil || string(again) != string(saved) {
		t.Errorf("saving what was loaded gives another state (%v)", err)
	}
	if !same(t, s, "app:1", img) {
		t.Error("another image came back")
	}
	if err := c.service.Load([]byte(`{"registries":{"x":{}}}`)); err == nil {
		t.Error("Load took nonsense")
	}
}

// Another account reads what the repository's policy lets it read, and no more.
func TestPolicyLetsOthersPull(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	owner, other := c.site(t, primary, "eu-west-2"), c.site(t, standby, "eu-west-2")
	owner.create(t, "app")
	img, err := random.Image(10, 1)
	must(t)(img, err)
	must(t)(nil, remote.Write(owner.ref(t, "app:1"), img, owner.login()))
	foreign := other.ref(t, primary+".dkr.ecr.eu-west-2.amazonaws.com/app:1")
	if _, err := remote.Image(foreign, other.login()); status(err) != 403 {
		t.Errorf("pull without a policy: %v", err)
	}
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}`
	must(t)(owner.api.SetRepositoryPolicy(t.Context(), &awsecr.SetRepositoryPolicyInput{RepositoryName: aws.String("app"), PolicyText: &policy}))
	got, err := remote.Image(foreign, other.login())
	must(t)(got, err)
	layers, err := got.Layers()
	must(t)(layers, err)
	if _, err := layers[0].Compressed(); err != nil {
		t.Errorf("a layer: %v", err)
	}
	if err := remote.Tag(foreign.Context().Tag("2"), got, other.login()); status(err) != 403 {
		t.Errorf("push: %v", err)
	}
	ids := []types.ImageIdentifier{{ImageTag: aws.String("1")}}
	_, err = other.api.BatchGetImage(t.Context(), &awsecr.BatchGetImageInput{RegistryId: aws.String(primary), RepositoryName: aws.String("app"), ImageIds: ids})
	want(t, "BatchGetImage", err, "")
	_, err = other.api.BatchDeleteImage(t.Context(), &awsecr.BatchDeleteImageInput{RegistryId: aws.String(primary), RepositoryName: aws.String("app"), ImageIds: ids})
	want(t, "BatchDeleteImage", err, "AccessDeniedException")
}
